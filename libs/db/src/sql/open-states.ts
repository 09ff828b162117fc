/** SQL: the states in which something may still happen to a trial. */
export const openStates = `('blocked', 'ready', 'dispatched', 'running')`;
