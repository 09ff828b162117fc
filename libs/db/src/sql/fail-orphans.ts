import { statement, WithId } from '../statement.js';
import { met } from './met.js';
import { openStates } from './open-states.js';

/** Fails those of the blocked trials $1 that wait for what cannot come any more, and says for what. */
export const failOrphans = statement(
  'fail-orphans',
  WithId,
  `
update "Trial" t set state = 'failed', cause = 'dependency', "finishedAt" = now(),
  message = format('step %s of %s %s… will not come: it %s%s',
    lost.step, lost.noun, left(lost.id::text, 8), lost.fate, ': ' || lost.message)
from (
  select distinct on (d."trialId") d."trialId", d.step, p.id, p.message,
    case p.stage when 'adapt' then 'adaptation' when 'tune' then 'tuning' else 'pretraining' end noun,
    case p.state when 'succeeded' then 'finished without it' when 'failed' then 'failed' else 'was ' || p.state end fate
  from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
  where d."trialId" = any($1::uuid[]) and p.state not in ${openStates} and not ${met}
  order by d."trialId", d.step) lost
where t.id = lost."trialId" and t.state = 'blocked' returning t.id`,
);
