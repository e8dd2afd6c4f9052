import type { WorkCounter } from '../count-work';
import type { Figures, Measured } from '../figure';
import { PROBES, sampleCases, scoreProbes, type ProbeDescription, type ProbeSetting } from '../probes';
import type { ProbesSection } from '../report/sections';
import type { ModelPool } from '../scoring';
import { auc, makeCases, patientBootstrap, unitWeights, type Cases, type Interval, type Weights } from '../statistics';
import type { Study } from '../study';
import { figureByPatient } from './figure-of';

type Estimate = Interval & { value: number };

/** What one probe does: at each strength, and at worst over those of its declared range. */
interface ProbeEffects {
  drops: Estimate[];
  callsChanged: Estimate[];
  largestDrop: Estimate;
  mostCallsChanged: Estimate;
}

/** The sampled cases as they are, and under every probe and strength. */
interface DisturbedCases {
  baseline: Cases;
  /** `[probe][strength]`. */
  disturbed: Cases[][];
  patientOf: number[];
}

/**
 * How much worse the model gets as the pictures do, on a class-balanced sample of the holdout. Both figures of a probe are
 * the largest over the strengths of its declared range; in every resample of the bootstrap the largest is found anew,
 * so that the interval knows of the choice.
 */
export async function measureProbes(
  study: Study,
  pool: ModelPool,
  work: WorkCounter,
): Promise<Measured<ProbesSection | null>> {
  const settings = study.suite.probes;
  if (!settings) return { figures: {}, section: null };
  const { list, metric } = settings;
  const cases = await disturbCases(study, settings, pool, work);
  const effects = effectsOf(cases, list, study);
  const n = cases.baseline.labels.length;
  return {
    figures: Object.assign({}, ...list.map((setting, p) => figuresOf(setting, effects[p]!, n))) as Figures,
    section: {
      metric,
      baseline: auc(cases.baseline),
      cases: n,
      positives: cases.baseline.positives,
      probes: list.map((setting, p) => describeProbe(setting, effects[p]!, cases.baseline, cases.disturbed[p]!)),
    },
  };
}

async function disturbCases(
  { suite, bundle, dataset, candidates, cases, patientOf }: Study,
  { cases: asked, list }: NonNullable<Study['suite']['probes']>,
  pool: ModelPool,
  work: WorkCounter,
): Promise<DisturbedCases> {
  const { seed } = suite.bootstrap;
  const sample = sampleCases(candidates, asked, seed);
  const scores = await scoreProbes({
    pool,
    signature: bundle.signature,
    dataset,
    candidates: sample.map((index) => candidates[index]!),
    list,
    seed,
    onScored: work.done,
  });
  const labels = sample.map((index) => cases.labels[index]!);
  const patients = [...new Set(sample.map((index) => patientOf[index]!))].sort((a, b) => a - b);
  return {
    baseline: makeCases(
      labels,
      sample.map((index) => cases.scores[index]!),
    ),
    disturbed: scores.map((strengths) => strengths.map((found) => makeCases(labels, found))),
    patientOf: sample.map((index) => patients.indexOf(patientOf[index]!)),
  };
}

/** Estimates with their paired bootstrap: the same patients are drawn for the cases with and without disturbance. */
function effectsOf(
  { baseline, disturbed, patientOf }: DisturbedCases,
  list: readonly ProbeSetting[],
  { suite, operatingPoint: { threshold } }: Study,
): ProbeEffects[] {
  const changed = disturbed.map((strengths) =>
    strengths.map(({ scores }) =>
      Uint8Array.from(scores, (score, i) => Number(score >= threshold !== baseline.scores[i]! >= threshold)),
    ),
  );
  // Of each probe: drops, changed calls, the largest of either.
  const measure = (weights: Weights) => {
    const whole = auc(baseline, weights);
    return list.flatMap(({ strengths, within: [from, to] }, p) => {
      const drops = disturbed[p]!.map((cases) => whole - auc(cases, weights));
      const calls = changed[p]!.map((flags) => weightedShare(flags, weights));
      const worst = (values: number[]) =>
        Math.max(...values.filter((_, s) => strengths[s]! >= from && strengths[s]! <= to));
      return [...drops, ...calls, worst(drops), worst(calls)];
    });
  };
  const values = measure(unitWeights(baseline));
  const intervals = patientBootstrap(patientOf, measure, suite.bootstrap);
  const estimates = values.map((value, i) => ({ value, ...intervals[i]! }));
  let at = 0;
  const take = (count: number) => estimates.slice(at, (at += count));
  return list.map(({ strengths: { length } }) => {
    const [drops, callsChanged, [largestDrop, mostCallsChanged]] = [take(length), take(length), take(2)];
    return { drops, callsChanged, largestDrop: largestDrop!, mostCallsChanged: mostCallsChanged! };
  });
}

function weightedShare(flags: Uint8Array, weights: Weights): number {
  let total = 0;
  let flagged = 0;
  for (let i = 0; i < flags.length; i++) {
    total += weights[i]!;
    flagged += weights[i]! * flags[i]!;
  }
  return flagged / total;
}

function figuresOf({ probe, within: [from, to] }: ProbeSetting, effects: ProbeEffects, n: number): Figures {
  const { title, unit, labels }: ProbeDescription = PROBES[probe];
  const range = labels ? labels.slice(from - 1, to).join(', ') : `${from} to ${to}${unit && ` ${unit}`}`;
  const { largestDrop, mostCallsChanged } = effects;
  return {
    [`probe.${probe}.drop`]: figureByPatient(largestDrop.value, n, boundsOf(largestDrop), {
      title: `${title}, ${range}: drop of the ROC AUC`,
      of: 'candidates',
      definition:
        'Largest fall of the ROC AUC on a class-balanced sample over the tried strengths of the declared range; negative where it rises at all of them. Paired bootstrap over patients, the largest found anew in each resample.',
    }),
    [`probe.${probe}.callsChanged`]: figureByPatient(mostCallsChanged.value, n, boundsOf(mostCallsChanged), {
      title: `${title}, ${range}: calls changed`,
      of: 'candidates',
      definition:
        'Largest share of the sample on which the call at the operating point becomes another: what an area under the curve cannot see, such as all scores rising alike. Bootstrap over patients as for the drop.',
    }),
  };
}

function describeProbe(
  { probe, strengths, within: [from, to] }: ProbeSetting,
  { drops, callsChanged, largestDrop }: ProbeEffects,
  baseline: Cases,
  disturbed: readonly Cases[],
): ProbesSection['probes'][number] {
  const { title, unit, neutral, labels }: ProbeDescription = PROBES[probe];
  const worst = strengths.findIndex((s, i) => s >= from && s <= to && drops[i]!.value === largestDrop.value);
  const points = strengths.map((strength, s) => ({
    strength,
    label: labels?.[strength - 1] ?? null,
    value: auc(disturbed[s]!),
    drop: drops[s]!,
    callsChanged: callsChanged[s]!,
    meanScoreChange: mean(disturbed[s]!.scores) - mean(baseline.scores),
  }));
  if (neutral !== null && !strengths.includes(neutral)) {
    const nothing = { value: 0, lower: 0, upper: 0 };
    const value = auc(baseline);
    points.push({ strength: neutral, label: null, value, drop: nothing, callsChanged: nothing, meanScoreChange: 0 });
    points.sort((a, b) => a.strength - b.strength);
  }
  return {
    name: probe,
    title,
    unit,
    declared: { from, to },
    points,
    largestDrop: { value: largestDrop.value, at: strengths[worst]! },
  };
}

function boundsOf({ lower, upper }: Estimate): Interval {
  return { lower, upper };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
