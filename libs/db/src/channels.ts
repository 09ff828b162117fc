/** Channels on which Postgres tells processes that a transition has committed. What they carry is in the
 *  tables. */

/** An event was written. */
export const eventsChannel = 'peftgrid_events';
/** A running trial is to stop; the lease's renewal says which. */
export const cancelChannel = 'peftgrid_cancel';
/** There may be something to dispatch: a trial is ready, a slot is free, or a worker has come. */
export const dispatchChannel = 'peftgrid_dispatch';
