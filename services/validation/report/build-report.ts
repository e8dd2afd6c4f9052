import { env } from 'quiet-onnxruntime';
import type { Bundle } from 'model-bundle';
import type { Figures } from '../figure';
import { policyDigest, type Policy, type RuleResult } from '../gate';
import type { Cases } from '../statistics';
import type { Pictures, Study } from '../study';
import { suiteDigest } from '../suite';
import { reportSchema, type Report, type ReportedCandidate } from './schema';

const HISTOGRAM_BINS = 20;
const PICTURES = 6;

/** The sections that the measures gave. */
export type Sections = Pick<
  Report,
  | 'bundleChecks'
  | 'holdoutUse'
  | 'discrimination'
  | 'calibration'
  | 'decision'
  | 'froc'
  | 'strata'
  | 'champion'
  | 'probes'
  | 'determinism'
  | 'budget'
  | 'explanations'
>;

/** Everything that a finished validation knows. */
export interface Findings {
  study: Study;
  policy: Policy;
  figures: Figures;
  sections: Sections;
  /** What the measures drew; the renderer puts them where their section stands. */
  pictures: Pictures;
  verdict: 'pass' | 'fail';
  rules: RuleResult[];
}

export function buildReport(findings: Findings): Report {
  const { study, figures, sections } = findings;
  const { suite, bundle, cases, candidates, operatingPoint } = study;
  const { manifest } = study.dataset;
  const { positives, negatives } = cases;
  const { name, digest, synthetic } = manifest;
  return reportSchema.parse({
    notice: synthetic ? PHANTOM_NOTICE : READER_NOTICE,
    format: 'lungate-validation-report/2',
    verdict: findings.verdict,
    rules: findings.rules,
    suite: { name: suite.name, digest: suiteDigest(suite), secondary: suite.secondary },
    policy: { name: findings.policy.name, digest: policyDigest(findings.policy) },
    intendedUse: suite.intendedUse ?? null,
    model: describeModel(bundle),
    dataset: { name, digest, synthetic },
    holdout: {
      digest: suite.holdout.digest,
      patients: suite.holdout.patients.length,
      series: new Set(candidates.map(({ seriesUid }) => seriesUid)).size,
      candidates: candidates.length,
      positives,
      negatives,
    },
    bootstrap: suite.bootstrap,
    operatingPoint,
    figures,
    ...sections,
    histogram: { positives: scoreHistogram(cases, 1), negatives: scoreHistogram(cases, 0) },
    ...extremes(study),
    software: { onnxruntime: env.versions.node ?? env.versions.common },
  } satisfies Report);
}

const PHANTOM_NOTICE =
  'PHANTOM DATA: every scan in this report is computer-generated. It shows that the machinery works and says nothing about patients.';
const READER_NOTICE =
  'Labels are the opinion of readers, not pathology: the figures say how well the model agrees with them on this holdout.';

function describeModel({ signature, digest, lineage }: Bundle): Report['model'] {
  const { dataset, split, engine } = lineage;
  const { patchSize, clip, resampleMm } = signature.preprocessing;
  return {
    name: signature.name,
    bundle: digest,
    negativeLabel: signature.labels.find((label) => label !== signature.positiveLabel)!,
    positiveLabel: signature.positiveLabel,
    input: { patchSize, clipHu: clip, resampleMm },
    trainedOn: {
      dataset: dataset.name,
      datasetDigest: dataset.digest,
      splitDigest: split.digest,
      trainingPatients: split.train.length,
      validationPatients: split.validation.length,
    },
    configDigest: lineage.configDigest,
    gitCommit: lineage.git && `${lineage.git.commit}${lineage.git.dirty ? ' with uncommitted changes' : ''}`,
    seed: lineage.seed,
    engine: `${engine.name} ${engine.version}, ${engine.precision}`,
  };
}

/** How many cases of a class lie in each of twenty bins of score. */
export function scoreHistogram(cases: Cases, label: number): number[] {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  cases.scores.forEach((score, i) => {
    if (cases.labels[i] === label) counts[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))]!++;
  });
  return counts;
}

/** The cases at the wrong ends of the ranking, whether or not the operating point gets them wrong. */
function extremes({
  cases,
  candidates,
  dataset,
  operatingPoint,
}: Study): Pick<Report, 'lowestPositives' | 'highestNegatives'> {
  const { labels, scores, order } = cases;
  const digests = new Map(dataset.manifest.series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const describe = (i: number): ReportedCandidate => ({
    id: candidates[i]!.id,
    series: digests.get(candidates[i]!.seriesUid)!,
    diameterMm: candidates[i]!.diameterMm,
    probability: scores[i]!,
    correct: scores[i]! >= operatingPoint.threshold === (labels[i] === 1),
  });
  const ranked = [...order];
  return {
    lowestPositives: ranked
      .filter((i) => labels[i] === 1)
      .reverse()
      .slice(0, PICTURES)
      .map(describe),
    highestNegatives: ranked
      .filter((i) => labels[i] === 0)
      .slice(0, PICTURES)
      .map(describe),
  };
}
