-- A summary says of every metric its unit and direction, and calls scores without training references. All metrics of
-- tasks were shares so far, but for the loss of a language model.
update "Trial" set summary = (summary - 'baselines' - 'baselineMetric') || jsonb_build_object(
  'references', summary -> 'baselines',
  'reportBy', case when stage = 'tune' then coalesce(summary ->> 'baselineMetric', 'accuracy') else 'loss' end,
  'metrics', (
    select coalesce(jsonb_object_agg(name, case when name = 'loss'
      then '{"unit": "nats", "better": "smaller"}'::jsonb else '{"unit": "share", "better": "larger"}'::jsonb end), '{}')
    from jsonb_object_keys((summary -> 'validation') || (summary -> 'test')) name
  )
) where summary ? 'baselines';
