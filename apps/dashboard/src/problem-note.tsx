/** Why what is shown may be out of date. */
export function ProblemNote({ problem }: { problem: Error | null }) {
  if (!problem) return null;
  return (
    <p className="problem" role="alert">
      {problem.message}
    </p>
  );
}
