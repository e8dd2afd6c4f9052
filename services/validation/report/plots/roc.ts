import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import { intervalText, number } from '../wording';
import { band, dots, line, note, rateAxis, reference } from './layers';
import { fixed, SIDE } from './theme';

export function rocSpec({ discrimination, figures, holdout }: Report): TopLevelSpec {
  const { roc, rocBand, confusion } = discrimination;
  const point = {
    x: confusion.falsePositives / holdout.negatives,
    y: confusion.truePositives / holdout.positives,
  };
  return {
    ...fixed(),
    width: SIDE,
    height: SIDE,
    encoding: { x: rateAxis('False positive rate (1 − specificity)'), y: rateAxis('True positive rate (sensitivity)') },
    layer: [
      band(rocBand, 'falsePositiveRate'),
      reference([0, 0], [1, 1]),
      line(roc, 'falsePositiveRate', 'truePositiveRate'),
      dots([point], 'x', 'y', { fill: 'white', size: 70 }),
      note(labelled('AUC', figures['auc']), SIDE - 9, SIDE - 17),
    ],
  };
}

/** `AUC 0.913 (0.870–0.951)`, and nothing where the report has no such figure. */
export function labelled(name: string, figure: Report['figures'][string] | undefined): string {
  if (!figure) return '';
  return `${name} ${number(figure.value)}${figure.interval ? ` (${intervalText(figure.interval)})` : ''}`;
}
