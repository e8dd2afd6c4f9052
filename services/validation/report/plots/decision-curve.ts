import type { TopLevelSpec } from 'vega-lite';
import type { DecisionSection } from '../sections';
import { band, line, reference } from './layers';
import { fixed, MUTED, SIDE } from './theme';

/** Net benefit against threshold probability; what lies far below doing nothing is cut off. */
export function decisionCurveSpec({ curve, prevalence }: DecisionSection): TopLevelSpec {
  const floor = -0.15 * prevalence;
  const ceiling = 1.08 * Math.max(prevalence, ...curve.map(({ upper }) => upper));
  const last = Math.max(...curve.map(({ threshold }) => threshold));
  const clipped = curve.map((row) => ({
    threshold: row.threshold,
    model: row.model,
    treatAll: row.treatAll,
    lower: Math.max(floor, row.lower),
    upper: Math.max(floor, row.upper),
  }));
  return {
    ...fixed(),
    width: SIDE,
    height: SIDE,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { domain: [0, last], nice: false },
        axis: { title: 'Threshold probability', tickCount: 6 },
      },
      y: {
        type: 'quantitative',
        scale: { domain: [floor, ceiling], nice: false },
        axis: { title: 'Net benefit', tickCount: 6, titleX: -41 },
      },
    },
    layer: [
      band(clipped, 'threshold'),
      reference([0, 0], [last, 0]),
      line(clipped, 'threshold', 'treatAll', { color: MUTED, width: 1.6, dash: [7, 3] }),
      line(clipped, 'threshold', 'model'),
    ],
  };
}
