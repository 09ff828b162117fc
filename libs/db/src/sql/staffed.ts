/** SQL: some worker that is alive and takes work has all of the labels in `text`, which has commas between
 *  them. */
export const staffed = (text: string): string => `(${text} = '' or exists (
    select from "Worker" staff where staff.fault is null and not staff.draining
      and staff."seenAt" > now() - interval '20 seconds' and string_to_array(${text}, ',') <@ staff.labels))`;
