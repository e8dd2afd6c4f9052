import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import { number } from '../wording';
import { dots, type Layer, note, rateAxis, reference, whiskers } from './layers';
import { fixed, MUTED, SIDE } from './theme';

/** Bins of equal width by default; of equal mass, squares instead of circles. */
export function reliabilitySpec(
  { calibration, figures, model }: Report,
  bins: 'equalWidth' | 'equalMass',
): TopLevelSpec {
  const rows = calibration[bins]
    .filter(({ n }) => n > 0)
    .map(({ predicted, observed, interval, n }) => ({ predicted, observed, ...interval, label: `${n}` }));
  const error = figures[bins === 'equalWidth' ? 'ece' : 'eceEqualMass'];
  const counts: Layer = {
    data: { values: rows.map((row) => ({ ...row })) },
    mark: { type: 'text', fontSize: 10, color: MUTED },
    encoding: { x: { field: 'predicted', type: 'quantitative' }, y: { value: -9 }, text: { field: 'label' } },
  };
  return {
    ...fixed(),
    width: SIDE,
    height: SIDE,
    encoding: { x: rateAxis('Mean score in the bin'), y: rateAxis(`Share of ${model.positiveLabel} in the bin`) },
    layer: [
      reference([0, 0], [1, 1]),
      whiskers(rows, 'predicted'),
      dots(rows, 'predicted', 'observed', { shape: bins === 'equalWidth' ? 'circle' : 'square' }),
      // With equal masses the bins crowd and all hold about as many.
      ...(bins === 'equalWidth' ? [counts] : []),
      note(error ? `ECE ${number(error.value)}` : '', SIDE - 9, SIDE - 17),
    ],
  };
}
