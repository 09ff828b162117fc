-- What a trial's files and folders held when it was submitted; null: it was submitted before this was known.
alter table "Trial" add column inputs jsonb;
