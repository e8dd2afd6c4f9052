import { ensureGateKey, readBundle, writeEvidence, type Bundle, type PatientRef, type Performance } from 'model-bundle';
import {
  candidatesOf,
  patientRefs,
  type Candidate,
  type Dataset,
  type DatasetManifest,
  type Split,
} from '../../datasets';
import { checkBundle } from './bundle-checks';
import { countWork, type WorkCounter } from './count-work';
import { validationError } from './errors';
import type { Figures } from './figure';
import { assertNoLeak, assertPolicyFits, judge, policyBeside, readPolicy } from './gate';
import {
  measureBudget,
  measureCalibration,
  measureChampion,
  measureDecision,
  measureDeterminism,
  measureDiscrimination,
  measureExplanations,
  measureFroc,
  measureProbes,
  measureStrata,
  openChampion,
  plannedPatches,
  scoredCasesOf,
  type Champion,
  type OpenChampion,
} from './measures';
import { fixOperatingPoint } from './operating-point';
import { buildReport, renderReport, type Report, type Sections } from './report';
import { rememberScans } from './remember-scans';
import type { BundleCheck } from './report/sections';
import { openModelPool, replayGoldenCases, scoreCandidates, type ModelPool } from './scoring';
import { makeCases } from './statistics';
import type { Pictures, Study } from './study';
import {
  assertHoldoutIntact,
  assertStrataFilled,
  publishSuite,
  readSuite,
  recordHoldoutUse,
  suiteDigest,
  type HoldoutUse,
  type Suite,
} from './suite';

export interface ValidationOptions {
  bundleDir: string;
  suitePath: string;
  /** The rules of the gate; those beside the suite where left out. */
  policyPath?: string;
  dataset: Dataset;
  /** The split that the model was trained with; its validation part fixes the operating point. */
  split: Split;
  /** Where the evidence goes, whole or not at all. */
  evidenceDir: string;
  /** Holds the gate's key pair, which is made on first use. */
  keyDir: string;
  /** Keeps count of the uses of each holdout; the report does not tell of them where it is left out. */
  ledgerDir?: string;
  /** The model that serves now, for suites that compare with it; null where there is none yet. */
  champion?: Champion | null | 'left out';
  /** Patches scored so far, of how many are known to be needed. */
  onProgress?: (done: number, total: number) => void;
}

export interface ValidationResult {
  verdict: 'pass' | 'fail';
  evidenceDigest: string;
  report: Report;
  /** What differs from run to run: how fast the model is here, and how much memory it takes; null where not measured. */
  performance: Performance | null;
}

/**
 * Runs the suite against the model and writes signed evidence, for a pass as for a fail. The same bundle, suite, policy,
 * dataset and champion give the same evidence digest, for a model keeps its number in the ledger of the holdout. A refusal
 * (leak, other holdout, broken contract) is an error and leaves no evidence.
 *
 * @throws the VALIDATION_… errors of errors.ts, the BUNDLE_… errors of model-bundle, the errors of the dataset
 */
export async function validate(options: ValidationOptions): Promise<ValidationResult> {
  const { split } = options;
  const dataset = rememberScans(options.dataset);
  const { manifest } = dataset;
  const suite = await readSuite(options.suitePath);
  const policy = await readPolicy(options.policyPath ?? policyBeside(options.suitePath));
  assertPolicyFits(suite, policy);
  const bundle = await readBundle(options.bundleDir);
  assertSameTask(suite, bundle, manifest);
  assertHoldoutIntact(suite, manifest);
  assertStrataFilled(suite, manifest);
  assertNoLeak(bundle.lineage.split, suite.holdout.patients, manifest);
  assertSplitOfTraining(bundle, split, manifest);

  const champion = await openChampion(options.champion ?? null, suite, manifest);
  const bundleChecks = await checkBundle(bundle);
  const pool = await openModelPool(bundle);
  try {
    const work = countWork(options.onProgress);
    const holdoutUse = await countUse(options.ledgerDir, suite, bundle);
    const study = await scoreHoldout({ suite, champion, bundle, bundleChecks, holdoutUse, dataset, split, pool, work });
    const { figures, sections, pictures, performance } = await measure(study, champion, pool, work);
    const { verdict, rules } = judge(suite, policy, { figures, champion: champion !== null || !suite.champion });

    const findings = { study, policy, figures, sections, pictures, verdict, rules };
    const report = buildReport(findings);
    const asked = { 'suite.json': toJson(publishSuite(suite)), 'policy.json': toJson(policy) };
    const files = { ...(await renderReport(report, findings)), ...asked };
    const evidenceDigest = await sign(options, report, files, performance);
    return { verdict, evidenceDigest, report, performance };
  } finally {
    await pool.close();
  }
}

/** Before anything is scored, so that no look at the holdout goes uncounted. */
async function countUse(ledgerDir: string | undefined, suite: Suite, bundle: Bundle): Promise<HoldoutUse | null> {
  if (ledgerDir === undefined) return null;
  return recordHoldoutUse(ledgerDir, {
    holdout: suite.holdout.digest,
    suite: suiteDigest(suite),
    bundle: bundle.digest,
  });
}

/** Fixes the operating point on the validation split, then scores the holdout, which it never sees. */
async function scoreHoldout(setup: {
  suite: Suite;
  champion: OpenChampion;
  bundle: Bundle;
  bundleChecks: BundleCheck[];
  holdoutUse: HoldoutUse | null;
  dataset: Dataset;
  split: Split;
  pool: ModelPool;
  work: WorkCounter;
}): Promise<Study> {
  const { suite, champion, bundle, bundleChecks, holdoutUse, dataset, split, pool, work } = setup;
  const { manifest } = dataset;
  const tuning = candidatesOf(manifest, split.validation);
  const candidates = candidatesOf(manifest, suite.holdout.patients);
  work.plan(tuning.length + candidates.length + plannedPatches(suite, bundle, candidates, champion));
  const tuningScores = await scoreCandidates(pool, bundle.signature, dataset, tuning, work.done);
  const scores = await scoreCandidates(pool, bundle.signature, dataset, candidates, work.done);
  return {
    suite,
    bundle,
    bundleChecks,
    holdoutUse,
    dataset,
    candidates,
    cases: makeCases(labelsOf(candidates), scores),
    patientOf: numberPatients(manifest, suite.holdout.patients, candidates),
    operatingPoint: fixOperatingPoint(suite, makeCases(labelsOf(tuning), tuningScores)),
  };
}

/** Everything that the suite asks for. */
async function measure(
  study: Study,
  champion: OpenChampion,
  pool: ModelPool,
  work: WorkCounter,
): Promise<{ figures: Figures; sections: Sections; pictures: Pictures; performance: Performance | null }> {
  const scored = scoredCasesOf(study);
  const discrimination = measureDiscrimination(scored);
  const calibration = measureCalibration(scored);
  const decision = measureDecision(scored);
  const froc = measureFroc(study);
  const strata = measureStrata(study);
  const probes = await measureProbes(study, pool, work);
  const comparison = await measureChampion(study, champion, work);
  const determinism = await measureDeterminism(study, pool, work);
  const explanations = await measureExplanations(study, pool, work);
  // Last, when nothing else runs.
  const budget = await measureBudget(study);
  return {
    figures: {
      ...discrimination.figures,
      ...calibration.figures,
      ...decision.figures,
      ...froc.figures,
      ...strata.figures,
      ...probes.figures,
      ...comparison.figures,
      ...(await replayGoldenCases(pool, study.bundle)),
      ...determinism.figures,
      ...budget.figures,
    },
    sections: {
      bundleChecks: study.bundleChecks,
      holdoutUse: study.holdoutUse,
      discrimination: discrimination.section,
      calibration: calibration.section,
      decision: decision.section,
      froc: froc.section,
      strata: strata.section,
      champion: comparison.section,
      probes: probes.section,
      determinism: determinism.section,
      budget: budget.section,
      explanations: explanations.section,
      multiclass: null,
    },
    pictures: explanations.pictures,
    performance: budget.performance,
  };
}

async function sign(
  { evidenceDir, keyDir }: ValidationOptions,
  { model, suite, policy, dataset, verdict, rules }: Report,
  files: Record<string, string>,
  performance: Performance | null,
): Promise<string> {
  const evidence = {
    bundleDigest: model.bundle,
    suiteDigest: suite.digest,
    policyDigest: policy.digest,
    datasetDigest: dataset.digest,
    verdict,
    rules: rules.map(({ name, metric, on, op, threshold, value, outcome }) => ({
      name,
      metric,
      on,
      op,
      threshold,
      value,
      outcome,
    })),
  };
  const { privateKeyPem } = await ensureGateKey(keyDir);
  const { digest } = await writeEvidence(evidenceDir, evidence, files, privateKeyPem, performance);
  return digest;
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

/** Patients of the candidates as integers from 0: nothing that comes after this knows who they are. */
function numberPatients(
  manifest: DatasetManifest,
  patients: readonly string[],
  candidates: readonly Candidate[],
): number[] {
  const patientOfSeries = new Map(manifest.series.map(({ seriesUid, patientId }) => [seriesUid, patientId]));
  const numbers = new Map([...patients].sort().map((patient, number) => [patient, number]));
  return candidates.map(({ seriesUid }) => numbers.get(patientOfSeries.get(seriesUid)!)!);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function labelsOf(candidates: readonly Candidate[]): number[] {
  return candidates.map(({ label }) => label);
}
