import type { TopLevelSpec } from 'vega-lite';
import type { DecisionSection } from '../sections';
import { band, line, rateAxis, reference } from './layers';
import { fixed, MUTED, SIDE } from './theme';

/** Net benefit against threshold probability; what lies far below doing nothing is cut off. */
export function decisionCurveSpec({ curve, prevalence }: DecisionSection): TopLevelSpec {
  const floor = -0.15 * prevalence;
  const ceiling = 1.08 * Math.max(prevalence, ...curve.map(({ upper }) => upper));
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
      x: rateAxis('Threshold probability'),
      y: {
        type: 'quantitative',
        scale: { domain: [floor, ceiling], nice: false },
        axis: { title: 'Net benefit', tickCount: 6, titleX: -41 },
      },
    },
    layer: [
      band(clipped, 'threshold'),
      reference([0, 0], [1, 0]),
      line(clipped, 'threshold', 'treatAll', { color: MUTED, width: 1.6, dash: [7, 3] }),
      line(clipped, 'threshold', 'model'),
    ],
  };
}
