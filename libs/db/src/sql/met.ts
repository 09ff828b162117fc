import { awaited } from './awaited.js';

/** SQL: what dependency `d` waits for is there. */
export const met = `exists (select from "Checkpoint" c where ${awaited})`;
