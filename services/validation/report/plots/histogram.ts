import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import { DARK, fixed, INK, LIGHT, SIDE } from './theme';

/** How the scores of one class lie between 0 and 1. */
export function histogramSpec(report: Report, of: 'positives' | 'negatives'): TopLevelSpec {
  const { histogram, operatingPoint, holdout, model } = report;
  const counts = histogram[of];
  const bars = counts.map((count, b) => ({ from: b / counts.length, to: (b + 1) / counts.length, count }));
  const [label, fill] = of === 'positives' ? [model.positiveLabel, DARK] : [model.negativeLabel, LIGHT];
  return {
    ...fixed({ top: 26, bottom: of === 'positives' ? 20 : 44 }),
    width: SIDE,
    height: SIDE / 2 - 18,
    title: {
      text: `${label} (${holdout[of]})`,
      anchor: 'start',
      offset: 8,
      fontSize: 11.5,
      fontWeight: 'normal',
      color: INK,
    },
    layer: [
      {
        data: { values: bars },
        mark: { type: 'bar', fill, stroke: INK, strokeWidth: 0.6, binSpacing: 0 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            bin: 'binned',
            scale: { domain: [0, 1], nice: false },
            axis: {
              title: of === 'positives' ? null : 'Score',
              values: [0, 0.2, 0.4, 0.6, 0.8, 1],
              format: '.1f',
              grid: false,
            },
          },
          x2: { field: 'to' },
          y: {
            field: 'count',
            type: 'quantitative',
            // Square root: most scores lie at the ends, and what is rare must still show.
            scale: { type: 'sqrt' },
            axis: { title: 'Cases', tickCount: 4, format: 'd', titleX: -42 },
          },
        },
      },
      // White under the dashes, so that they show on dark bars too.
      ...[
        { color: 'white', strokeWidth: 3 },
        { color: INK, strokeWidth: 1.4, strokeDash: [5, 3] },
      ].map((stroke) => ({
        data: { values: [{ x: operatingPoint.threshold }].filter(({ x }) => x <= 1) },
        mark: { type: 'rule' as const, ...stroke },
        encoding: { x: { field: 'x', type: 'quantitative' as const } },
      })),
    ],
  };
}
