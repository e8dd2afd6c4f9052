import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { type Bundle, type GoldenCase, type Lineage, type Signature, writeBundle } from 'model-bundle';
import { onnx } from 'onnx-proto';
import { LUNA_PATCH, type PatchContract, voxelsOf } from '../../datasets';

const VOXELS = voxelsOf(LUNA_PATCH);
const { FLOAT, INT64 } = onnx.TensorProto.DataType;

export interface SampleBundleOptions {
  /** Name of the input in the signature. */
  input?: string;
  /** Name of the input in the graph, where it is another. */
  graphInput?: string;
  /** Adds two wide convolutions, so that a patch takes tens of milliseconds. */
  slow?: boolean;
  /** Added to the nodule's logit, so that two bundles differ. */
  bias?: number;
  goldenCases?: GoldenCase[];
  /** How patches are cut for it; LUNA16's when left out. */
  contract?: PatchContract;
}

/**
 * A model whose answer a test can know: with m the mean of the patch in HU, clipped to [-1000, 1000],
 * the logits are [0, m / 100 + bias].
 */
export function writeSampleBundle(dir: string, options: SampleBundleOptions = {}): Promise<Bundle> {
  const { input = 'patch', graphInput = input, goldenCases, contract = LUNA_PATCH } = options;
  return writeBundle(dir, {
    signature: sampleSignature(input, contract),
    lineage: sampleLineage,
    files: { 'model.onnx': sampleOnnx(graphInput, contract, options.slow ?? false, options.bias ?? 0) },
    ...(goldenCases && { goldenCases }),
  });
}

/** The network of others, trained on the real LUNA16, as a bundle. */
export async function writeLunaBundle(dir: string, dataDir: string): Promise<Bundle> {
  const model = await readFile(join(dataDir, 'lunamodel', 'lunamodel.onnx'));
  return writeBundle(dir, {
    signature: sampleSignature('input'),
    lineage: sampleLineage,
    files: { 'model.onnx': model },
  });
}

/** What the sample model answers for a patch of one value. */
export function sampleLogit(hu: number, bias = 0): number {
  return Math.max(-1000, Math.min(1000, hu)) / 100 + bias;
}

export function flatPatch(hu: number, rows = 1): Float32Array {
  return new Float32Array(rows * VOXELS).fill(hu);
}

export function sampleSignature(input: string, contract: PatchContract = LUNA_PATCH): Signature {
  return {
    name: 'nodule-classifier',
    task: 'classification',
    inputs: [{ name: input, datatype: 'FP32', shape: [-1, 1, ...contract.patchSize] }],
    outputs: [
      { name: 'logits', datatype: 'FP32', shape: [-1, 2] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
    labels: ['non-nodule', 'nodule'],
    positiveLabel: 'nodule',
    preprocessing: { ...contract, patchSize: [...contract.patchSize], clip: [...contract.clip] },
  };
}

const someDigest = sha256('a sample');
export const sampleLineage: Lineage = {
  git: null,
  dataset: { name: 'sample', digest: someDigest },
  split: { digest: someDigest, train: [], validation: [] },
  configDigest: someDigest,
  image: null,
  seed: 1,
  engine: { name: 'sample', version: '1.0.0', precision: 'float32' },
};

function sampleOnnx(input: string, { patchSize, clip }: PatchContract, slow: boolean, bias: number): Uint8Array {
  const node = (opType: string, inputs: string[], output: string, attribute: onnx.IAttributeProto[] = []) => ({
    opType,
    input: inputs,
    output: [output],
    attribute,
  });
  const floats = (name: string, dims: number[], values: number[]) => ({
    name,
    dims,
    dataType: FLOAT,
    floatData: values,
  });
  const value = (name: string, dims: (number | string)[]) => ({
    name,
    type: {
      tensorType: {
        elemType: FLOAT,
        shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
      },
    },
  });
  const same = [{ name: 'pads', type: onnx.AttributeProto.AttributeType.INTS, ints: [1, 1, 1, 1, 1, 1] }];
  // Weights of zero: the work is done, the answer does not change.
  const slowNodes = [
    node('Conv', ['clipped', 'wide'], 'wide1', same),
    node('Conv', ['wide1', 'wider'], 'wide2', same),
    node('GlobalAveragePool', ['wide2'], 'wideMean'),
    node('ReduceSum', ['wideMean', 'channelAxis'], 'nothing'),
    node('Add', ['pooled', 'nothing'], 'mean'),
  ];
  const zeros = (count: number) => new Array<number>(count).fill(0);
  const graph: onnx.IGraphProto = {
    name: 'sample',
    node: [
      node('Clip', [input, 'low', 'high'], 'clipped'),
      node('GlobalAveragePool', ['clipped'], 'pooled'),
      ...(slow ? slowNodes : [node('Identity', ['pooled'], 'mean')]),
      node('Reshape', ['mean', 'columnShape'], 'column'),
      node('MatMul', ['column', 'weight'], 'product'),
      node('Add', ['product', 'bias'], 'logits'),
      node('Softmax', ['logits'], 'probabilities'),
    ],
    initializer: [
      floats('low', [], [clip[0]]),
      floats('high', [], [clip[1]]),
      floats('weight', [1, 2], [0, 0.01]),
      floats('bias', [2], [0, bias]),
      { name: 'columnShape', dims: [2], dataType: INT64, int64Data: [-1, 1] },
      ...(slow
        ? [
            floats('wide', [16, 1, 3, 3, 3], zeros(16 * 27)),
            floats('wider', [16, 16, 3, 3, 3], zeros(16 * 16 * 27)),
            { name: 'channelAxis', dims: [1], dataType: INT64, int64Data: [1] },
          ]
        : []),
    ],
    input: [value(input, ['N', 1, ...patchSize])],
    output: [value('logits', ['N', 2]), value('probabilities', ['N', 2])],
  };
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph }).finish();
}
