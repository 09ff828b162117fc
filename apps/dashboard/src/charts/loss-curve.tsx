import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { LiveExperiment } from '../live/live-experiment.js';
import { session } from '../session.js';
import { CurvePoints } from './curve-points.js';
import { lossOptions, shownSeries } from './loss-options.js';
import { useColours } from './use-colours.js';
import { useWidth } from './use-width.js';

interface Props {
  trialId: string;
  live: LiveExperiment;
  height: number;
  compact?: boolean; // without axes' labels and legend
}

/** Loss and validation of one trial by step: what was stored, then what comes. */
export function LossCurve({ trialId, live, height, compact = false }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const colours = useColours();
  const { points, version, problem } = useCurve(trialId, live);
  const plot = useRef<uPlot | null>(null);
  const names = shownSeries(points.names, compact);
  useEffect(() => {
    if (!width || names.length === 0) return;
    const made = new uPlot(
      lossOptions({ names, width, height, colours, compact }),
      points.aligned(names),
      frame.current!,
    );
    plot.current = made;
    return () => made.destroy();
  }, [width, height, colours.isDark, names.join()]);
  useEffect(() => plot.current?.setData(points.aligned(names)), [version]);
  return (
    <div className="loss-curve" ref={frame} style={{ minHeight: height }}>
      {problem && <p className="problem">{problem}</p>}
      {!problem && names.length === 0 && <p className="quiet">no metric yet</p>}
    </div>
  );
}

function useCurve(trialId: string, live: LiveExperiment) {
  const [points] = useState(() => new CurvePoints());
  const [version, setVersion] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let [frame, ended] = [0, false];
    const show = () => {
      if (!ended) frame ||= requestAnimationFrame(() => ((frame = 0), setVersion((v) => v + 1)));
    };
    // first, so that nothing falls between
    const end = live.onMetrics(trialId, (metrics) => (points.add(metrics), show()));
    const failed = (error: Error) => !ended && setProblem(error.message);
    session().curve(trialId).then(({ metrics }) => (points.add(metrics), show()), failed); // prettier-ignore
    return () => {
      ended = true;
      cancelAnimationFrame(frame);
      end();
    };
  }, [trialId, live]);
  return { points, version, problem };
}
