import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestJson, sha256 } from 'durable-files';
import {
  type AskedRule,
  type Bundle,
  ensureGateKey,
  type GateRule,
  type Lineage,
  type Signature,
  writeBundle,
  writeEvidence,
} from 'model-bundle';

export const MODEL = 'nodule-classifier';

const signature: Signature = {
  name: MODEL,
  task: 'classification',
  inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 32, 48, 48] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
  labels: ['non-nodule', 'nodule'],
  positiveLabel: 'nodule',
  preprocessing: { patchSize: [32, 48, 48], unit: 'HU', clip: [-1000, 1000], padding: -1000, resampleMm: null },
};

const lineage: Lineage = {
  git: { commit: 'abc', dirty: false },
  dataset: { name: 'phantom', digest: sha256('data') },
  split: { digest: sha256('split'), train: [], validation: [] },
  configDigest: sha256('config'),
  image: null,
  seed: 1,
  engine: { name: 'onnx', version: '1', precision: 'float32' },
};

export const passingRule: GateRule = {
  name: 'auc',
  metric: 'auc',
  on: 'point',
  op: '>=',
  threshold: 0.9,
  value: 0.95,
  outcome: 'pass',
};

const askedOf = ({ name, metric, on, op, threshold }: AskedRule): AskedRule => ({ name, metric, on, op, threshold });

export interface Trained {
  name: string;
  runId: string;
  bundle: Bundle;
  bundleDir: string;
  evidenceDir: string;
}

/** A small bundle as training writes one, and the evidence that the gate with the key in `keyDir` signs on it. */
export async function trainedBundle(
  keyDir: string,
  changes: {
    weights?: string;
    signature?: Partial<Signature>;
    lineage?: Partial<Lineage>;
    rules?: GateRule[];
    verdict?: 'pass' | 'fail';
    bundleDigest?: string;
    /** The rules of the policy, where they are not those of the evidence. */
    asked?: AskedRule[];
    /** Changes what the report says. */
    report?: object;
  } = {},
): Promise<Trained> {
  const dir = await mkdtemp(join(tmpdir(), 'trained-'));
  const { weights = 'weights', rules = [passingRule], verdict = 'pass' } = changes;
  const bundle = await writeBundle(join(dir, 'bundle'), {
    signature: { ...signature, ...changes.signature },
    lineage: { ...lineage, ...changes.lineage },
    files: { 'model.onnx': weights, 'config.yaml': 'seed: 1\n' },
  });
  const { privateKeyPem } = await ensureGateKey(keyDir);
  const policy = { name: 'policy', model: MODEL, rules: (changes.asked ?? rules).map(askedOf) };
  const digests = {
    bundleDigest: changes.bundleDigest ?? bundle.digest,
    suiteDigest: sha256('suite'),
    policyDigest: digestJson(policy),
    datasetDigest: sha256('data'),
  };
  const report = {
    verdict,
    model: { bundle: digests.bundleDigest },
    suite: { digest: digests.suiteDigest },
    policy: { digest: digests.policyDigest },
    dataset: { digest: digests.datasetDigest },
    rules,
    figures: Object.fromEntries(
      rules
        .filter(({ outcome }) => outcome !== 'not applicable')
        .map(({ metric, value }) => [metric, { value, interval: null }]),
    ),
    champion: null,
    ...changes.report,
  };
  const suite = { primary: askedOf(rules[0] ?? passingRule) };
  const files = {
    'report.json': JSON.stringify(report),
    'policy.json': JSON.stringify(policy),
    'suite.json': JSON.stringify(suite),
  };
  const evidenceDir = join(dir, 'evidence');
  await writeEvidence(evidenceDir, { ...digests, verdict, rules }, files, privateKeyPem);
  return { name: bundle.signature.name, runId: 'run1', bundle, bundleDir: bundle.dir, evidenceDir };
}
