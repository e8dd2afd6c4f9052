import type { Measured } from '../figure';
import type { DecisionSection } from '../report/sections';
import { netBenefit, netBenefitOfTreatingAll, patientBootstrapOfSums, summedNetBenefit } from '../statistics';
import { figureByPatient } from './figure-of';
import type { ScoredCases } from './scored-cases';

const STEPS = 50;

/** Whether acting on the scores does more good than acting on every case or on none. */
export function measureDecision(scored: ScoredCases): Measured<DecisionSection | null> {
  const { cases, clusterOf, decision, names, bootstrap } = scored;
  if (decision === null) return { figures: {}, section: null };
  const { from, to, at } = decision;
  const thresholds = Array.from({ length: STEPS }, (_, i) => from + (i * (to - from)) / (STEPS - 1));
  const asked = [at, ...thresholds];
  const [value, ...model] = netBenefit(cases, asked);
  const [interval, ...band] = patientBootstrapOfSums(clusterOf, summedNetBenefit(cases, asked), bootstrap);
  const n = cases.labels.length;
  const prevalence = cases.positives / n;
  return {
    figures: {
      netBenefit: figureByPatient(
        value!,
        n,
        interval!,
        {
          title: `Net benefit at a threshold probability of ${at}`,
          of: names.cases,
          definition:
            'True positives a case, less the false positives that they cost at the odds of that probability (Vickers and Elkin 2006); acting on no case is 0, and all of it depends on the prevalence of these cases.',
        },
        names.clusters,
      ),
    },
    section: {
      prevalence,
      curve: thresholds.map((threshold, i) => ({
        threshold,
        model: model[i]!,
        treatAll: netBenefitOfTreatingAll(prevalence, threshold),
        ...band[i]!,
      })),
    },
  };
}
