import { ensureGateKey, readBundle, writeEvidence, type Bundle, type PatientRef } from 'model-bundle';
import {
  candidatesOf,
  patientRefs,
  type Candidate,
  type Dataset,
  type DatasetManifest,
  type Split,
} from '../../datasets';
import { validationError } from './errors';
import { assertNoLeak, judge } from './gate';
import { fixOperatingPoint, measure, type ScoredHoldout } from './measure';
import { buildReport, renderReport, type Report } from './report';
import { openModelPool, replayGoldenCases, scoreCandidates } from './scoring';
import { makeCases } from './statistics';
import { assertHoldoutIntact, readSuite, suiteDigest, type Suite } from './suite';

export interface ValidationOptions {
  bundleDir: string;
  suitePath: string;
  dataset: Dataset;
  /** The split that the model was trained with; its validation part fixes the operating point. */
  split: Split;
  /** Where the evidence goes, whole or not at all. */
  evidenceDir: string;
  /** Holds the gate's key pair, which is made on first use. */
  keyDir: string;
  /** Candidates scored so far, of how many. */
  onProgress?: (done: number, total: number) => void;
}

export interface ValidationResult {
  verdict: 'pass' | 'fail';
  evidenceDigest: string;
  report: Report;
}

/**
 * Runs the suite against the model and writes signed evidence, for a pass as for a fail. The same bundle, suite
 * and dataset give the same evidence digest. A refusal (leak, other holdout, broken contract) is an error and
 * leaves no evidence.
 *
 * @throws the VALIDATION_… errors of errors.ts, the BUNDLE_… errors of model-bundle, the errors of the dataset
 */
export async function validate(options: ValidationOptions): Promise<ValidationResult> {
  const { dataset, split } = options;
  const { manifest } = dataset;
  const suite = await readSuite(options.suitePath);
  const bundle = await readBundle(options.bundleDir);
  assertSameTask(suite, bundle, manifest);
  assertHoldoutIntact(suite, manifest);
  assertNoLeak(bundle.lineage.split, suite.holdout.patients, manifest);
  assertSplitOfTraining(bundle, split, manifest);

  const candidates = candidatesOf(manifest, suite.holdout.patients);
  const tuning = candidatesOf(manifest, split.validation);
  const { scores, tuningScores, goldenCases } = await runModel(bundle, dataset, candidates, tuning, options.onProgress);

  const holdout = describeHoldout(manifest, suite.holdout.patients, candidates, scores);
  const operatingPoint = fixOperatingPoint(suite, makeCases(labelsOf(tuning), tuningScores));
  const measurement = measure(suite, holdout, operatingPoint);
  const { verdict, rules } = judge(suite, measurement.figures, goldenCases);

  const findings = {
    suite,
    bundle,
    manifest,
    candidates,
    holdout,
    operatingPoint,
    measurement,
    goldenCases,
    verdict,
    rules,
  };
  const report = buildReport(findings);
  const { digest } = await writeEvidence(
    options.evidenceDir,
    {
      bundleDigest: bundle.digest,
      suiteDigest: suiteDigest(suite),
      datasetDigest: manifest.digest,
      verdict,
      rules: rules.map(({ name, metric, op, threshold, value, passed }) => ({
        name,
        metric,
        op,
        threshold,
        value,
        passed,
      })),
    },
    await renderReport(report, findings, dataset),
    (await ensureGateKey(options.keyDir)).privateKeyPem,
  );
  return { verdict, evidenceDigest: digest, report };
}

/**
 * The suite must be for this model, and the model must name its classes as the dataset does, in the same order.
 *
 * @throws VALIDATION_OTHER_MODEL, VALIDATION_OTHER_LABELS
 */
function assertSameTask(suite: Suite, { signature }: Bundle, { labels }: DatasetManifest): void {
  const { name, labels: found, positiveLabel } = signature;
  if (name !== suite.model)
    throw validationError('VALIDATION_OTHER_MODEL', { name, suite: suite.name, model: suite.model });
  if (found.join('\n') !== labels.join('\n') || positiveLabel !== labels[1]) {
    throw validationError('VALIDATION_OTHER_LABELS', { found: found.join(', '), expected: labels.join(', ') });
  }
}

/** Every use of the model: holdout, validation split, golden cases. */
async function runModel(
  bundle: Bundle,
  dataset: Dataset,
  candidates: readonly Candidate[],
  tuning: readonly Candidate[],
  onProgress: ValidationOptions['onProgress'],
) {
  const total = candidates.length + tuning.length;
  let done = 0;
  const count = (scored: number) => {
    done += scored;
    onProgress?.(done, total);
  };
  const pool = await openModelPool(bundle);
  try {
    const { difference, n } = await replayGoldenCases(pool, bundle);
    return {
      goldenCases: { value: difference, n, interval: null },
      tuningScores: await scoreCandidates(pool, bundle.signature, dataset, tuning, count),
      scores: await scoreCandidates(pool, bundle.signature, dataset, candidates, count),
    };
  } finally {
    await pool.close();
  }
}

/**
 * The validation split must be the one that the model was tuned on, or a threshold could be fixed elsewhere.
 *
 * @throws VALIDATION_SPLIT_MISMATCH
 */
function assertSplitOfTraining({ lineage }: Bundle, split: Split, manifest: DatasetManifest): void {
  const patients = (refs: PatientRef[]) =>
    refs
      .map(({ patient }) => patient)
      .sort()
      .join();
  const same = patients(patientRefs(manifest, split.validation)) === patients(lineage.split.validation);
  if (split.digest !== lineage.split.digest || !same) {
    throw validationError('VALIDATION_SPLIT_MISMATCH', { found: split.digest, expected: lineage.split.digest });
  }
}

function describeHoldout(
  manifest: DatasetManifest,
  patients: readonly string[],
  candidates: readonly Candidate[],
  scores: Float64Array,
): ScoredHoldout {
  const patientOfSeries = new Map(manifest.series.map(({ seriesUid, patientId }) => [seriesUid, patientId]));
  const numbers = new Map([...patients].sort().map((patient, number) => [patient, number]));
  return {
    cases: makeCases(labelsOf(candidates), scores),
    patientOf: candidates.map(({ seriesUid }) => numbers.get(patientOfSeries.get(seriesUid)!)!),
    diametersMm: candidates.map(({ diameterMm }) => diameterMm),
  };
}

function labelsOf(candidates: readonly Candidate[]): number[] {
  return candidates.map(({ label }) => label);
}
