import { env } from 'quiet-onnxruntime';
import type { Bundle } from 'model-bundle';
import type { Candidate, DatasetManifest } from '../../../datasets';
import type { Figure, RuleResult } from '../gate';
import type { Measurement, OperatingPoint, ScoredHoldout } from '../measure';
import { suiteDigest, type Suite } from '../suite';
import { reportSchema, type Report, type ReportedCandidate } from './schema';

const HISTOGRAM_BINS = 20;
const PICTURES = 6;

/** Everything that a finished validation knows. */
export interface Findings {
  suite: Suite;
  bundle: Bundle;
  manifest: DatasetManifest;
  /** The holdout in the order of its scores. */
  candidates: readonly Candidate[];
  holdout: ScoredHoldout;
  operatingPoint: OperatingPoint;
  measurement: Measurement;
  goldenCases: Figure;
  verdict: 'pass' | 'fail';
  rules: RuleResult[];
}

export function buildReport(findings: Findings): Report {
  const { suite, manifest, holdout, measurement, operatingPoint } = findings;
  const { figures, confusion, roc, rocBand, reliability, diameters } = measurement;
  const { positives, negatives } = holdout.cases;
  const { name, digest, synthetic } = manifest;
  return reportSchema.parse({
    notice: synthetic ? PHANTOM_NOTICE : READER_NOTICE,
    format: 'lungate-validation-report/1',
    verdict: findings.verdict,
    rules: findings.rules,
    suite: { name: suite.name, digest: suiteDigest(suite) },
    model: describeModel(findings.bundle),
    dataset: { name, digest, synthetic },
    holdout: {
      digest: suite.holdout.digest,
      patients: suite.holdout.patients.length,
      series: new Set(findings.candidates.map(({ seriesUid }) => seriesUid)).size,
      candidates: findings.candidates.length,
      positives,
      negatives,
    },
    bootstrap: suite.bootstrap,
    figures,
    goldenCases: findings.goldenCases,
    operatingPoint: { ...operatingPoint, confusion },
    roc: roc.map((point) => ({ ...point, threshold: point.threshold === Infinity ? null : point.threshold })),
    rocBand,
    reliability,
    diameters,
    histogram: { positives: histogram(holdout, 1), negatives: histogram(holdout, 0) },
    ...extremes(findings),
    software: { onnxruntime: env.versions.node ?? env.versions.common },
  } satisfies Report);
}

const PHANTOM_NOTICE =
  'PHANTOM DATA: every scan in this report is computer-generated. It shows that the machinery works and says nothing about patients.';
const READER_NOTICE =
  'Labels are the opinion of readers, not pathology: the figures say how well the model agrees with them on this holdout.';

function describeModel({ signature, digest, lineage }: Bundle): Report['model'] {
  const { dataset, split, engine } = lineage;
  return {
    name: signature.name,
    bundle: digest,
    negativeLabel: signature.labels.find((label) => label !== signature.positiveLabel)!,
    positiveLabel: signature.positiveLabel,
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

function histogram({ cases }: ScoredHoldout, label: number): number[] {
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  cases.scores.forEach((score, i) => {
    if (cases.labels[i] === label) counts[Math.min(HISTOGRAM_BINS - 1, Math.floor(score * HISTOGRAM_BINS))]!++;
  });
  return counts;
}

/** The cases at the wrong ends of the ranking, whether or not the operating point gets them wrong. */
function extremes(findings: Findings): Pick<Report, 'lowestPositives' | 'highestNegatives'> {
  const { holdout, candidates, manifest, operatingPoint } = findings;
  const { labels, scores, order } = holdout.cases;
  const digests = new Map(manifest.series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const describe = (i: number): ReportedCandidate => ({
    id: candidates[i]!.id,
    series: digests.get(candidates[i]!.seriesUid)!,
    diameterMm: holdout.diametersMm[i]!,
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
