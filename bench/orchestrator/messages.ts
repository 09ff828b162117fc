/** What a process of fake workers is told. */
export interface FakeWork {
  name: string;
  databaseUrl: string;
  redisUrl: string | null;
  workers: number;
  slots: number; // of each
  trialMs: number; // how long a trial takes; 0: none at all
  reportMs: number | null; // between reports of a trial; null: it reports nothing
  points: number; // in a report
  progress: boolean; // with each report it says where it is
}

/** What it has seen since it was started. Times in milliseconds, `claimed` by the machine's clock. */
export interface FakeReport {
  verdicts: number; // accepted
  refused: number;
  points: number; // stored
  claimMs: number[];
  verdictMs: number[];
  claimed: Record<string, number>; // when each trial was
}
