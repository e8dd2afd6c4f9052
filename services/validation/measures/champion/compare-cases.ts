import {
  countAbove,
  emptyCounts,
  pairedBootstrap,
  pairedDelong,
  unitWeights,
  type BootstrapDifference,
  type Weights,
} from '../../statistics';
import type { Study } from '../../study';
import type { Compared } from './compared';
import { endpoints, type CaseMetric, type Rival } from './endpoints';

/** The metrics of labels and scores: by DeLong for `auc`, and for all others from the same resamples of patients. */
export function compareCases(
  metrics: readonly CaseMetric[],
  rivals: readonly [challenger: Rival, champion: Rival],
  { cases, bundle, patientOf, suite }: Study,
): Compared[] {
  if (metrics.length === 0) return [];
  const valuesOf = evaluator(metrics, rivals);
  const [challenger, champion] = valuesOf(unitWeights(cases));
  const drawn = pairedBootstrap(
    patientOf,
    (weights) => {
      const [first, second] = valuesOf(weights);
      return first.map((value, i) => value - second[i]!);
    },
    suite.bootstrap,
  );
  return metrics.map((metric, i) => {
    const { title, of, n } = endpoints[metric];
    const values = { challenger: challenger[i]!, champion: champion[i]! };
    return { metric, title, n: n(cases), of: of(bundle.signature), ...values, ...estimate(metric, rivals, drawn[i]!) };
  });
}

function estimate(
  metric: CaseMetric,
  [challenger, champion]: readonly [Rival, Rival],
  drawn: BootstrapDifference,
): Pick<Compared, 'interval' | 'p'> {
  const exact = metric === 'auc';
  const { lower, upper, p } = exact ? pairedDelong(challenger.cases, champion.cases) : drawn;
  return { interval: { lower, upper, method: exact ? 'paired DeLong' : 'paired bootstrap over patients' }, p };
}

/** Every metric of both models at some weights, `[2][metrics]`. */
function evaluator(metrics: readonly CaseMetric[], rivals: readonly [Rival, Rival]) {
  const valuesOf = (rival: Rival) => {
    const counts = emptyCounts(rival.cases);
    return (weights: Weights) => {
      countAbove(rival.cases, weights, counts);
      return metrics.map((metric) => endpoints[metric].value(rival, counts, weights));
    };
  };
  const [first, second] = [valuesOf(rivals[0]), valuesOf(rivals[1])];
  return (weights: Weights): [number[], number[]] => [first(weights), second(weights)];
}
