/** A row of a data file with the line it began on (items of a .json array are counted). */
export interface DataRecord {
  line: number;
  fields: Record<string, unknown>;
}
