/** SQL: attempt `a` is the newest of its trial `t` and runs. The fence on every write of a worker. */
export const held = `a."trialId" = t.id and a.fence = t.fence and a.state = 'running' and t.state = 'running'`;
