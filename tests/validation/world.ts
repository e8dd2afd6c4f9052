import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { encodePatch, writeBundle, type GoldenCase, type Lineage, type Signature } from 'model-bundle';
import { onnx } from 'onnx-proto';
import { seededRandom } from 'seeded-random';
import { parseDocument } from 'yaml';
import {
  candidatesOf,
  loadPatches,
  openLuna16,
  LUNA_PATCH,
  voxelsOf,
  patientRefs,
  splitByPatient,
  writeMetaImage,
  type Dataset,
  type Split,
} from '../../datasets';
import { freezeSuite, policyBeside, writePolicyFor } from '../../services/validation';
import { repoRoot } from '../present';
import { floats, integers, tensor } from './onnx-parts';

const VOXELS = voxelsOf(LUNA_PATCH);
export const TEMPLATE = join(repoRoot, 'configs', 'suite', 'nodule-classifier.yaml');
const SIZE = [36, 60, 60] as const;
const PATIENTS = 10;
export const HOLDOUT = ['patient-0', 'patient-1', 'patient-2', 'patient-3', 'patient-4'];

/** Ten tiny scans in LUNA16's layout; bright cubes are nodules, dimmer ones mostly are not. */
export async function writeTinyDataset(dir: string): Promise<Dataset> {
  const rows = {
    candidates: ['seriesuid,coordX,coordY,coordZ,class'],
    annotations: ['seriesuid,coordX,coordY,coordZ,diameter_mm'],
  };
  const patients = ['seriesuid,patient_id'];
  for (let p = 0; p < PATIENTS; p++) {
    const uid = `1.2.840.${p}`;
    const random = seededRandom(`tiny ${p}`);
    const hu = new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]).map(() => -850 + 20 * random.normal());
    for (let k = 0; k < 16; k++) {
      const [row, column] = [9 + 14 * Math.floor(k / 4), 9 + 14 * (k % 4)] as const;
      const nodule = k % 3 === 0;
      paintCube(hu, [18, row, column], (nodule ? -100 : -550) + 160 * random.normal());
      const place = [column * 0.7, row * 0.7, 18 * 1.25].map((mm) => mm.toFixed(3)).join(',');
      rows.candidates.push(`${uid},${place},${nodule ? 1 : 0}`);
      if (nodule) rows.annotations.push(`${uid},${place},${(4 + 10 * random.uniform()).toFixed(2)}`);
    }
    patients.push(`${uid},patient-${p}`);
    await writeMetaImage(join(dir, 'subset0', `${uid}.mhd`), {
      hu,
      size: SIZE,
      spacingXyz: [0.7, 0.7, 1.25],
      originXyz: [0, 0, 0],
      direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    });
  }
  await writeFile(join(dir, 'candidates_V2.csv'), `${rows.candidates.join('\n')}\n`);
  await writeFile(join(dir, 'annotations.csv'), `${rows.annotations.join('\n')}\n`);
  await writeFile(join(dir, 'patients.csv'), `${patients.join('\n')}\n`);
  await writeFile(join(dir, 'PHANTOM.json'), '{}');
  return openLuna16(dir);
}

function paintCube(hu: Int16Array, [slice, row, column]: readonly [number, number, number], value: number): void {
  for (let s = slice - 3; s <= slice + 3; s++) {
    for (let r = row - 3; r <= row + 3; r++) {
      hu.fill(value, (s * SIZE[1] + r) * SIZE[2] + column - 3, (s * SIZE[1] + r) * SIZE[2] + column + 4);
    }
  }
}

export function splitTinyDataset({ manifest }: Dataset): Split {
  return splitByPatient(manifest, { seed: 1, fractions: { validation: 0.3, test: 0 }, holdout: HOLDOUT });
}

/** What a suite may leave out, and what takes a second or so each: only who asks for it gets it. */
const OPTIONAL_PARTS = ['determinism', 'probes', 'budget', 'explanations'] as const;

/** The template of the demo, frozen on the tiny dataset. */
export async function freezeTinySuite(
  { manifest }: Dataset,
  suitePath: string,
  parts: readonly (typeof OPTIONAL_PARTS)[number][] = [],
) {
  const template = parseDocument(await readFile(TEMPLATE, 'utf8'));
  for (const part of OPTIONAL_PARTS) if (!parts.includes(part)) template.delete(part);
  const templatePath = `${suitePath}.template`;
  await writeFile(templatePath, template.toString());
  const frozen = await freezeSuite({ templatePath, manifest, patients: HOLDOUT, suitePath });
  const policyPath = policyBeside(suitePath);
  await writePolicyFor(frozen.suite, { templatePath: policyBeside(TEMPLATE), policyPath });
  if (!parts.includes('probes')) await dropRulesOn('probe.', policyPath);
  return frozen;
}

/** A rule on what a suite does not measure would be refused. */
async function dropRulesOn(metrics: string, policyPath: string): Promise<void> {
  const policy = parseDocument(await readFile(policyPath, 'utf8'));
  const { rules } = policy.toJS() as { rules: { metric: string }[] };
  for (const [index, { metric }] of [...rules.entries()].reverse()) {
    if (metric.startsWith(metrics)) policy.deleteIn(['rules', index]);
  }
  await writeFile(policyPath, policy.toString());
}

export interface TinyModel {
  /** Logit a hundred Hounsfield units of the centre; negative turns the model upside down. */
  gain?: number;
  bias?: number;
  /** Changes what the bundle says of itself. */
  signature?: (signature: Signature) => Signature;
  lineage?: (lineage: Lineage) => Lineage;
  /** Another network in its place, with the same input and outputs. */
  graph?: Uint8Array;
  goldenShift?: number;
  golden?: boolean;
  /** Slices, rows, columns; LUNA16's where left out. Another size has no golden cases. */
  patchSize?: [number, number, number];
}

/** A bundle whose model looks at the mean of the 4×4×4 voxels in the middle: logit = gain · (mean + 325) / 100 + bias. */
export async function writeTinyBundle(dir: string, dataset: Dataset, split: Split, model: TinyModel = {}) {
  const { gain = 1.2, bias = 0, goldenShift = 0, patchSize } = model;
  const { golden = patchSize === undefined } = model;
  const same = <T>(value: T) => value;
  const goldenCases = golden ? await tinyGoldenCases(dataset, split, gain, bias, goldenShift) : undefined;
  return writeBundle(dir, {
    signature: (model.signature ?? same)(tinySignature('patch', patchSize)),
    lineage: (model.lineage ?? same)(tinyLineage(dataset, split)),
    files: { 'model.onnx': model.graph ?? tinyOnnx(gain, bias, patchSize) },
    ...(goldenCases && { goldenCases }),
  });
}

/** The network of others, trained on the real LUNA16, as if it came from this split. */
export async function writeLunaBundle(dir: string, dataset: Dataset, split: Split, dataDir: string) {
  const reference = JSON.parse(await readFile(join(dataDir, 'lunamodel', 'reference.json'), 'utf8')) as {
    probabilities: number[][];
  };
  const bytes = await readFile(join(dataDir, 'lunamodel', 'patches.i16'));
  const patches = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  return writeBundle(dir, {
    signature: tinySignature('input'),
    lineage: tinyLineage(dataset, split),
    files: { 'model.onnx': await readFile(join(dataDir, 'lunamodel', 'lunamodel.onnx')) },
    goldenCases: reference.probabilities.map((probabilities, i) => ({
      id: `reference-${i}`,
      patch: encodePatch(patches.subarray(i * VOXELS, (i + 1) * VOXELS)),
      probabilities,
    })),
  });
}

async function tinyGoldenCases(
  dataset: Dataset,
  split: Split,
  gain: number,
  bias: number,
  shift: number,
): Promise<GoldenCase[]> {
  const candidates = candidatesOf(dataset.manifest, split.validation).slice(0, 3);
  const { hu } = await loadPatches(dataset, candidates);
  return candidates.map(({ id }, i) => {
    const patch = hu.subarray(i * VOXELS, (i + 1) * VOXELS);
    const positive = 1 / (1 + Math.exp(-(gain * (centreMean(patch) + 325)) / 100 - bias));
    const shifted = Math.min(1, Math.max(0, positive + shift));
    return { id, patch: encodePatch(patch), probabilities: [1 - shifted, shifted] };
  });
}

function centreMean(patch: Int16Array): number {
  let sum = 0;
  for (let s = 14; s < 18; s++) {
    for (let r = 22; r < 26; r++) for (let c = 22; c < 26; c++) sum += patch[(s * 48 + r) * 48 + c]!;
  }
  return sum / 64;
}

function tinySignature(input: string, patchSize = [...LUNA_PATCH.patchSize] as [number, number, number]): Signature {
  return {
    name: 'nodule-classifier',
    task: 'classification',
    inputs: [{ name: input, datatype: 'FP32', shape: [-1, 1, ...patchSize] }],
    outputs: [
      { name: 'logits', datatype: 'FP32', shape: [-1, 2] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
    labels: ['non-nodule', 'nodule'],
    positiveLabel: 'nodule',
    preprocessing: { ...LUNA_PATCH, patchSize, clip: [...LUNA_PATCH.clip] },
  };
}

function tinyLineage({ manifest }: Dataset, split: Split): Lineage {
  return {
    git: null,
    dataset: { name: manifest.name, digest: manifest.digest },
    split: {
      digest: split.digest,
      train: patientRefs(manifest, split.train),
      validation: patientRefs(manifest, split.validation),
    },
    configDigest: sha256('no config'),
    image: null,
    seed: 1,
    engine: { name: 'by hand', version: '1.0.0', precision: 'float32' },
  };
}

function tinyOnnx(gain: number, bias: number, patchSize: readonly number[] = LUNA_PATCH.patchSize): Uint8Array {
  const graph: onnx.IGraphProto = {
    name: 'centre',
    node: [
      { opType: 'Slice', input: ['patch', 'from', 'to', 'axes'], output: ['centre'] },
      { opType: 'GlobalAveragePool', input: ['centre'], output: ['mean'] },
      { opType: 'Reshape', input: ['mean', 'column'], output: ['flat'] },
      { opType: 'MatMul', input: ['flat', 'weight'], output: ['product'] },
      { opType: 'Add', input: ['product', 'bias'], output: ['logits'] },
      { opType: 'Softmax', input: ['logits'], output: ['probabilities'] },
    ],
    initializer: [
      integers(
        'from',
        patchSize.map((size) => size / 2 - 2),
      ),
      integers(
        'to',
        patchSize.map((size) => size / 2 + 2),
      ),
      integers('axes', [2, 3, 4]),
      integers('column', [-1, 1]),
      floats('weight', [1, 2], [0, gain / 100]),
      floats('bias', [2], [0, (gain * 325) / 100 + bias]),
    ],
    input: [tensor('patch', ['N', 1, ...patchSize])],
    output: [tensor('logits', ['N', 2]), tensor('probabilities', ['N', 2])],
  };
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph }).finish();
}
