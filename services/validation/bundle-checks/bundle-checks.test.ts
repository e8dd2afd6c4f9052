import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from 'durable-files';
import { writeBundle, type Lineage, type Signature } from 'model-bundle';
import { onnx } from 'onnx-proto';
import { checkBundle } from '.';

const { FLOAT, DOUBLE, FLOAT16, BFLOAT16 } = onnx.TensorProto.DataType;
const { AttributeType } = onnx.AttributeProto;

let folder: string;
let bundles = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-checks-'));
});

const signature: Signature = {
  name: 'nodule-classifier',
  task: 'classification',
  inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 2, 2, 2] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
  labels: ['non-nodule', 'nodule'],
  positiveLabel: 'nodule',
  preprocessing: { patchSize: [2, 2, 2], unit: 'HU', clip: [-1000, 1000], padding: -1000, resampleMm: null },
};
const digest = sha256('none');
const lineage: Lineage = {
  git: null,
  dataset: { name: 'none', digest },
  split: { digest, train: [], validation: [] },
  configDigest: digest,
  image: null,
  seed: 1,
  engine: { name: 'by hand', version: '1.0.0', precision: 'float32' },
};

const port = (name: string, dims: (number | string)[], elemType: number = FLOAT): onnx.IValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});

/** Clip, pool, and a linear layer: as small as a classifier gets. */
function graph(): onnx.IGraphProto {
  return {
    name: 'tiny',
    node: [
      { opType: 'Clip', input: ['patch', 'low', 'high'], output: ['clipped'] },
      { opType: 'GlobalAveragePool', input: ['clipped'], output: ['mean'] },
      { opType: 'Flatten', input: ['mean'], output: ['flat'] },
      { opType: 'Gemm', input: ['flat', 'weight', 'bias'], output: ['logits'] },
      { opType: 'Softmax', input: ['logits'], output: ['probabilities'] },
    ],
    initializer: [
      { name: 'low', dims: [], dataType: FLOAT, floatData: [-1000] },
      { name: 'high', dims: [], dataType: FLOAT, floatData: [1000] },
      { name: 'weight', dims: [1, 2], dataType: FLOAT, floatData: [0, 0.01] },
      { name: 'bias', dims: [2], dataType: FLOAT, floatData: [0, 3] },
    ],
    input: [port('patch', ['N', 1, 2, 2, 2])],
    output: [port('probabilities', ['N', 2])],
  };
}

async function check(
  change: (graph: onnx.IGraphProto, model: onnx.IModelProto) => void = () => undefined,
  promised: Signature = signature,
) {
  const model: onnx.IModelProto = { irVersion: 8, opsetImport: [{ domain: '', version: 18 }], graph: graph() };
  change(model.graph!, model);
  const bytes = onnx.ModelProto.encode(model).finish();
  const files = { 'model.onnx': bytes };
  const bundle = await writeBundle(join(folder, String(++bundles)), { signature: promised, lineage, files });
  return checkBundle(bundle);
}

const tensor = (g: onnx.IGraphProto, name: string) => g.initializer!.find((one) => one.name === name)!;

test('a sound model passes every check, and each says what it found', async () => {
  const found = Object.fromEntries((await check()).map(({ name, found: text }) => [name, text]));
  expect(found).toEqual({
    graph: '5 nodes, IR version 8, written by an unnamed program',
    opset: 'opset 18',
    domain: 'Clip, Flatten, Gemm, GlobalAveragePool, Softmax',
    random: 'none',
    externalData: '4 tensors',
    finiteWeights: '6 numbers',
    batch: 'the first dimension of patch, probabilities is free',
    contract: 'patch [N, 1, 2, 2, 2] → probabilities [N, 2]',
  });
});

test.each([6, 25])('opset %i is outside of what every runtime here has', async (version) => {
  const refused = check((_, model) => (model.opsetImport = [{ domain: 'ai.onnx', version }]));
  await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_OPSET_UNSUPPORTED', details: { found: version } });
});

test('operators of another domain are named, also inside of a branch', async () => {
  const branch = { name: 'then', node: [{ opType: 'FusedConv', domain: 'com.microsoft', output: ['y'] }] };
  const attribute = [{ name: 'then_branch', type: AttributeType.GRAPH, g: branch }];
  const refused = check((g) => g.node!.push({ opType: 'If', input: ['bias'], output: ['z'], attribute }));
  await expect(refused).rejects.toMatchObject({
    code: 'VALIDATION_OPERATOR_NOT_STANDARD',
    details: { operators: 'com.microsoft.FusedConv' },
  });
});

test('a model that draws random numbers is refused, a dropout that is out of use is not', async () => {
  const dropout = (input: string[]) => (g: onnx.IGraphProto) =>
    g.node!.push({ opType: 'Dropout', input, output: ['dropped'] });
  await expect(check(dropout(['mean', 'ratio']))).resolves.toHaveLength(8);
  await expect(check(dropout(['mean', 'ratio', 'training']))).rejects.toMatchObject({
    code: 'VALIDATION_OPERATOR_RANDOM',
    details: { operators: 'Dropout' },
  });
});

test('weights in another file are refused by the name of the tensor', async () => {
  const refused = check((g) => {
    const weight = tensor(g, 'weight');
    weight.floatData = [];
    weight.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
    weight.externalData = [{ key: 'location', value: '../../etc/passwd' }];
  });
  await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_EXTERNAL_DATA', details: { tensor: 'weight' } });
});

describe('a weight that is no number is refused by the name of its tensor and the index in it,', () => {
  const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer);
  test.each<[string, onnx.ITensorProto, string]>([
    ['NaN', { dataType: FLOAT, floatData: [0, NaN] }, 'NaN'],
    ['infinite', { dataType: FLOAT, floatData: [0, -Infinity] }, '-Infinity'],
    ['in raw bytes', { dataType: FLOAT, rawData: bytesOf(Float32Array.of(0, NaN)) }, 'NaN'],
    ['in double precision', { dataType: DOUBLE, rawData: bytesOf(Float64Array.of(0, Infinity)) }, 'Infinity'],
    ['in half precision', { dataType: FLOAT16, rawData: bytesOf(Uint16Array.of(0x3c00, 0x7e00)) }, 'NaN'],
    ['in bfloat16', { dataType: BFLOAT16, int32Data: [0x3f80, 0x7f80] }, 'Infinity'],
  ])('%s', async (_name, values, value) => {
    const refused = check((g) => Object.assign(tensor(g, 'weight'), { floatData: [], ...values }));
    await expect(refused).rejects.toMatchObject({
      code: 'VALIDATION_WEIGHTS_NOT_FINITE',
      details: { tensor: 'weight', index: 1, count: 1, value: Number(value) },
    });
  });

  test('as an attribute of a Constant', async () => {
    const attribute = [{ name: 'value_float', type: AttributeType.FLOAT, f: NaN }];
    const refused = check((g) => g.node!.unshift({ opType: 'Constant', output: ['slope'], attribute }));
    await expect(refused).rejects.toMatchObject({ details: { tensor: 'slope' } });
  });
});

test('an infinite bound of a clip is no weight, a NaN there is', async () => {
  await expect(check((g) => (tensor(g, 'high').floatData = [Infinity]))).resolves.toHaveLength(8);
  await expect(check((g) => (tensor(g, 'high').floatData = [NaN]))).rejects.toMatchObject({
    code: 'VALIDATION_WEIGHTS_NOT_FINITE',
  });
});

test('a batch of one size only is refused, in the input and in the output', async () => {
  for (const change of [
    (g: onnx.IGraphProto) => (g.input = [port('patch', [1, 1, 2, 2, 2])]),
    (g: onnx.IGraphProto) => (g.output = [port('probabilities', [1, 2])]),
  ]) {
    await expect(check(change)).rejects.toMatchObject({ code: 'VALIDATION_BATCH_FIXED' });
  }
});

test.each<[string, (g: onnx.IGraphProto) => void, Partial<Signature>, RegExp]>([
  ['name', (g) => (g.input = [port('volume', ['N', 1, 2, 2, 2])]), {}, /input patch is missing, the graph has volume/],
  ['type', (g) => (g.input = [port('patch', ['N', 1, 2, 2, 2], DOUBLE)]), {}, /input patch is double, FP32 promised/],
  ['shape', (g) => (g.output = [port('probabilities', ['N', 3])]), {}, /\[N, 3\], \[-1, 2\] promised/],
  ['labels', () => undefined, { labels: ['a', 'nodule', 'b'] }, /promises probabilities \[-1, 2\] for 3 labels/],
  [
    'patch',
    () => undefined,
    { preprocessing: { ...signature.preprocessing, patchSize: [2, 2, 4] } },
    /asks for \[-1, 1, 2, 2, 2\], its patches are \[-1, 1, 2, 2, 4\]/,
  ],
])('another %s than the signature promises is refused', async (_what, change, promised, message) => {
  const error = await check(change, { ...signature, ...promised }).catch((reason: unknown) => reason as Error);
  expect(error).toMatchObject({ code: 'VALIDATION_CONTRACT_BROKEN' });
  expect((error as Error).message).toMatch(message);
});

test('a file that is no model is refused', async () => {
  const bundle = await writeBundle(join(folder, 'text'), { signature, lineage, files: { 'model.onnx': 'no model' } });
  await expect(checkBundle(bundle)).rejects.toMatchObject({ code: 'VALIDATION_MODEL_MALFORMED' });
});
