import { ensureGateKey, readBundle, writeEvidence, type Bundle, type Performance } from 'model-bundle';
import type { Dataset, Split } from '../../datasets';
import { checkBundle } from './bundle-checks';
import { countWork } from './count-work';
import { assertNoLeak, assertPolicyFits, judge, policyBeside, readPolicy } from './gate';
import { measure } from './measure';
import { openChampion, type Champion } from './measures';
import { rememberScans } from './remember-scans';
import { buildReport, renderReport, type Report } from './report';
import { assertSameTask, assertSplitOfTraining } from './same-task';
import { scoreHoldout } from './score-holdout';
import { openModelPool } from './scoring';
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

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
