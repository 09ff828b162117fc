/** A state as a word with its colour. */
export function StatePill({ state, cause }: { state: string; cause?: string | null | undefined }) {
  return (
    <span className={`pill ${state}`}>
      {state}
      {cause ? `: ${cause}` : ''}
    </span>
  );
}
