import { statement } from '../statement.js';
import { met } from './met.js';
import { StoryRow } from './story-row.js';

/** Why trials $1 are as they are, in their order. */
export const selectTrialStories = statement(
  'trial-stories',
  StoryRow,
  `
select t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.note, t."cancelRequested", a.worker, w.awaited
from unnest($1::uuid[]) with ordinality u(id, n)
join "Trial" t on t.id = u.id
left join "Attempt" a on a."trialId" = t.id and a.state = 'running'
left join lateral (
  select json_build_object('trialId', p.id, 'stage', p.stage, 'state', p.state, 'wanted', d.step, 'step', p.step,
    'steps', p.steps) awaited
  from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
  where d."trialId" = t.id and not ${met}
  order by d.step limit 1) w on t.state = 'blocked'
order by n`,
);
