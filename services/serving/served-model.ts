import { readFile } from 'node:fs/promises';
import { sha256 } from 'durable-files';
import { type Bundle, decodePatch, readBundle, readGoldenCases, type Signature, type TensorSpec } from 'model-bundle';
import { valid } from 'semver';
import { servingError } from './errors';

/** The one model of an endpoint. */
export interface ServedModel {
  name: string;
  /** Semantic version, without the name. */
  version: string;
  bundleDigest: string;
  signature: Signature;
  /** model.onnx, the very bytes that were verified. */
  onnx: Uint8Array;
  /** Patches in HU that the bundle brings to compare answers on; none where it brings none. */
  goldenPatches: readonly Float32Array[];
}

/** More would only make a check longer. */
const MOST_GOLDEN_PATCHES = 8;

/**
 * Reads and verifies a bundle and holds its model in memory, so that a bundle moved or changed later cannot matter.
 * Throws the errors of readBundle, SERVING_VERSION_MALFORMED, SERVING_SIGNATURE_UNSUPPORTED.
 */
export async function loadServedModel(bundleDir: string, nameAtVersion: string): Promise<ServedModel> {
  const { name, version } = parseNameAtVersion(nameAtVersion);
  const bundle = await readBundle(bundleDir);
  checkSignature(bundle.signature);
  return {
    name,
    version,
    bundleDigest: bundle.digest,
    signature: bundle.signature,
    onnx: await readModel(bundle),
    goldenPatches: await readGoldenPatches(bundle),
  };
}

async function readGoldenPatches(bundle: Bundle): Promise<Float32Array[]> {
  const cases = await readGoldenCases(bundle);
  return cases.slice(0, MOST_GOLDEN_PATCHES).map(({ patch }) => decodePatch(patch));
}

async function readModel(bundle: Bundle): Promise<Uint8Array> {
  const bytes = await readFile(bundle.path('model.onnx'));
  // What runs is what was verified, even if the file changed in between.
  if (sha256(bytes) !== bundle.files['model.onnx']?.sha256) {
    throw servingError('SERVING_MODEL_UNLOADABLE', { problem: 'the file changed while it was being read' });
  }
  return bytes;
}

function parseNameAtVersion(text: string): { name: string; version: string } {
  const [, name, version] = /^([A-Za-z0-9][A-Za-z0-9_-]*)@(.+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined || valid(version) !== version) {
    throw servingError('SERVING_VERSION_MALFORMED', { version: text });
  }
  return { name, version };
}

function checkSignature(signature: Signature): void {
  const refuse = (problem: string) => servingError('SERVING_SIGNATURE_UNSUPPORTED', { problem });
  for (const { name, shape } of [...signature.inputs, ...signature.outputs]) {
    if (shape[0] !== -1 || shape.slice(1).includes(-1)) {
      throw refuse(`the first dimension of "${name}", and no other, must be free (-1): it is the batch`);
    }
  }
  const { patchSize } = signature.preprocessing;
  if (signature.inputs.length !== 1 || !sameNumbers(signature.inputs[0]!.shape, [-1, 1, ...patchSize])) {
    throw refuse(`its one input must be a patch of shape [-1,1,${patchSize.join(',')}], as its preprocessing says`);
  }
  for (const name of ['logits', 'probabilities']) {
    const output = signature.outputs.find((tensor) => tensor.name === name);
    if (!output || !sameNumbers(output.shape, [-1, signature.labels.length])) {
      throw refuse(`it must give "${name}", one a label`);
    }
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Values of one row (one element of the batch) of a tensor. */
export function rowSize(tensor: Pick<TensorSpec, 'shape'>): number {
  return tensor.shape.slice(1).reduce((product, size) => product * size, 1);
}
