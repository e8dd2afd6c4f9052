import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import { band, dots, line, note, rateAxis, reference } from './layers';
import { labelled } from './roc';
import { fixed, SIDE } from './theme';

export function precisionRecallSpec({ discrimination, figures, holdout }: Report): TopLevelSpec {
  const { precisionRecall, precisionRecallBand, confusion } = discrimination;
  const { truePositives, falsePositives } = confusion;
  const prevalence = holdout.positives / holdout.candidates;
  const called = truePositives + falsePositives;
  const point = called === 0 ? [] : [{ x: truePositives / holdout.positives, y: truePositives / called }];
  return {
    ...fixed(),
    width: SIDE,
    height: SIDE,
    encoding: { x: rateAxis('Recall (sensitivity)'), y: rateAxis('Precision (PPV)') },
    layer: [
      band(precisionRecallBand, 'recall'),
      reference([0, prevalence], [1, prevalence]),
      line(precisionRecall, 'recall', 'precision', { step: true }),
      dots(point, 'x', 'y', { fill: 'white', size: 70 }),
      note(labelled('AP', figures['averagePrecision']), 9, SIDE - 17, 'left'),
    ],
  };
}
