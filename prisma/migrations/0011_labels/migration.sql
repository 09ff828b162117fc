-- Labels that a trial's experiment requires of its worker, sorted, with commas between them; '' where any worker will do.
-- Which sets of them an experiment's trials have stands beside it, so that a round looks each up in an index.
alter table "ExperimentTrial" add column requires text not null default '';
alter table "Experiment" add column requirements text[] not null default '{""}';
create index "ExperimentTrial_ready_requires_idx" on "ExperimentTrial" ("experimentId", requires, position) where ready;
drop index "ExperimentTrial_ready_idx";

-- Workers of equal labels hear the same queue, and an attempt is rung in one.
alter table "Worker" add column queue text not null default 'trials';
alter table "Attempt" add column queue text not null default 'trials';
