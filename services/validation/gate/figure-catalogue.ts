import type { Suite } from '../suite';

/** Figures by their names, each with what it is called in a sentence. */
type Words = Record<string, string>;

/** Some figures are measured for every suite, others where the suite has a key for them. */
interface Family {
  key: keyof Suite | null;
  /** How the names of its figures begin. */
  prefix: string;
  figures: (suite: Suite) => Words;
}

const CASES: Words = {
  auc: 'the ROC AUC',
  aucByPatient: 'the ROC AUC with patients resampled',
  partialAuc: 'the partial AUC at high specificity',
  averagePrecision: 'the average precision',
  sensitivityAtSpecificity: 'the sensitivity at the stated specificity',
  sensitivity: 'the sensitivity at the operating point',
  specificity: 'the specificity at the operating point',
  ppv: 'the positive predictive value at the operating point',
  npv: 'the negative predictive value at the operating point',
  accuracy: 'the accuracy at the operating point',
  balancedAccuracy: 'the balanced accuracy at the operating point',
  f1: 'F1 at the operating point',
  mcc: 'the Matthews correlation at the operating point',
  ece: 'the expected calibration error',
  eceEqualMass: 'the expected calibration error over bins of equal mass',
  brier: 'the Brier score',
  calibrationSlope: 'the calibration slope',
  calibrationIntercept: 'the calibration intercept',
  goldenCaseDifference: 'the largest difference of a golden case’s probability',
};

const FAMILIES: Family[] = [
  { key: null, prefix: '', figures: () => CASES },
  {
    key: 'decision',
    prefix: 'netBenefit',
    figures: ({ decision }) => ({ netBenefit: `the net benefit at a threshold probability of ${decision?.at}` }),
  },
  {
    key: 'froc',
    prefix: 'froc.',
    figures: () => ({
      'froc.cpm': 'the CPM',
      ...Object.fromEntries(
        [0.125, 0.25, 0.5, 1, 2, 4, 8].map((rate) => [
          `froc.sensitivityAt${rate}`,
          `the sensitivity at ${rate} false positives a scan`,
        ]),
      ),
    }),
  },
  {
    key: 'strata',
    prefix: 'strata.',
    figures: ({ strata }) => ({
      'strata.worst.sensitivity': 'the lowest sensitivity of any stratum',
      ...Object.fromEntries(
        Object.keys(strata?.by ?? {}).flatMap((name) => [
          [`strata.${name}.worst.sensitivity`, `the lowest sensitivity of any stratum by ${name}`],
          [`strata.${name}.worst.auc`, `the lowest ROC AUC of any stratum by ${name}`],
        ]),
      ),
    }),
  },
  {
    key: 'probes',
    prefix: 'probe.',
    figures: ({ probes }) =>
      Object.fromEntries(
        (probes?.list ?? []).flatMap(({ probe }) => [
          [`probe.${probe}.drop`, `the largest drop under the probe ${probe} inside its declared range`],
          [`probe.${probe}.callsChanged`, `the largest share of calls that the probe ${probe} changes in that range`],
        ]),
      ),
  },
  {
    key: 'determinism',
    prefix: 'determinism.',
    figures: ({ determinism }) =>
      Object.fromEntries(
        Object.keys(determinism?.tolerance ?? {}).map((name) => [
          `determinism.${name}`,
          `the largest difference of a probability by ${name}`,
        ]),
      ),
  },
  {
    key: 'budget',
    prefix: 'budget.',
    figures: () => ({ 'budget.exceeded': 'the number of budgets that the model exceeds' }),
  },
  {
    key: 'champion',
    prefix: 'champion.',
    figures: ({ champion }) =>
      Object.fromEntries(
        Object.keys(champion?.margins ?? {}).map((metric) => [
          `champion.${metric}.difference`,
          `the difference of ${metric === 'froc.cpm' ? 'the CPM' : (CASES[metric] ?? metric)} to the champion’s`,
        ]),
      ),
  },
];

/** Every figure that a validation by this suite can give, by name, with what it is called in a sentence. */
export function figuresOf(suite: Suite): Words {
  const asked = FAMILIES.filter(({ key }) => key === null || suite[key] !== undefined);
  return Object.assign({}, ...asked.map(({ figures }) => figures(suite))) as Words;
}

/** The key whose absence from the suite leaves this figure unmeasured. */
export function missingKeyOf(metric: string, suite: Suite): string | undefined {
  const family = FAMILIES.find(({ key, prefix }) => key !== null && metric.startsWith(prefix));
  return family?.key && suite[family.key] === undefined ? family.key : undefined;
}
