import type { Measured } from '../figure';
import type { StrataSection } from '../report/sections';
import { diameterStrata } from '../statistics';
import type { Study } from '../study';

/** Whether the model does as well for every kind of case. */
export function measureStrata({ cases, suite, candidates, operatingPoint }: Study): Measured<StrataSection> {
  const diameters = candidates.map(({ diameterMm }) => diameterMm);
  const levels = diameterStrata(cases, diameters, suite.strata.diameterMm, operatingPoint.threshold);
  return {
    figures: {},
    section: {
      minimumCases: 10,
      dimensions: [
        {
          name: 'diameter',
          title: 'Diameter of the nodule',
          levels: levels.map(({ label, n, sensitivity, interval }) => ({
            label,
            candidates: n,
            positives: n,
            negatives: 0,
            tooFew: n < 10,
            auc: null,
            sensitivity: sensitivity === null ? null : { value: sensitivity, n, ...interval! },
            specificity: null,
          })),
        },
      ],
      worst: null,
    },
  };
}
