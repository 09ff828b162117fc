-- What an experiment's trials are up to stands beside its list of them: which one is next, and whether any is left, are
-- then one look into an index, however many of its trials are finished.
alter table "ExperimentTrial" add column ready boolean not null default false, add column open boolean not null default true;
update "ExperimentTrial" et set ready = t.state = 'ready', open = t.state in ('blocked', 'ready', 'dispatched', 'running')
from "Trial" t where t.id = et."trialId";

create function trial_opens_or_ends() returns trigger language plpgsql as $$
begin
  update "ExperimentTrial" set ready = new.state = 'ready', open = new.state in ('blocked', 'ready', 'dispatched', 'running')
  where "trialId" = new.id;
  return null;
end $$;
create trigger "Trial_opens_or_ends" after update of state on "Trial" for each row
  when ((old.state = 'ready') <> (new.state = 'ready')
    or (old.state in ('blocked', 'ready', 'dispatched', 'running')) <> (new.state in ('blocked', 'ready', 'dispatched', 'running')))
  execute function trial_opens_or_ends();

create index "ExperimentTrial_ready_idx" on "ExperimentTrial" ("experimentId", position) where ready;
create index "ExperimentTrial_open_idx" on "ExperimentTrial" ("experimentId") where open;
drop index "ExperimentTrial_experimentId_position_idx";

-- No statement asks these. Every change of a state paid for the first two, every new trial for the third.
drop index "Trial_state_idx";
drop index "Attempt_state_idx";
drop index "Trial_config_idx";
