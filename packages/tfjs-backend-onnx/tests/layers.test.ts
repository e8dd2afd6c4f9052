/** Every layer of @tensorflow/tfjs-layers, inferred and trained in strict mode: none of them needs tfjs-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../src';

const backend = registerOnnxBackend({ threads: 2, strict: true });
afterAll(() => {
  backend.dispose();
});

type Layers = tfl.layers.Layer[];
const { layers } = tfl;
const last = { units: 1 };
/** The default, orthogonal, needs TF.js's chained operations. */
const recurrent = { recurrentInitializer: 'glorotUniform' } as const;

const sequences: [string, number[], () => Layers][] = [
  ['simpleRNN', [5, 3], () => [layers.simpleRNN({ ...recurrent, units: 4 })]],
  ['gru', [5, 3], () => [layers.gru({ ...recurrent, units: 4 })]],
  [
    'lstm, twice',
    [5, 3],
    () => [layers.lstm({ ...recurrent, units: 4, returnSequences: true }), layers.lstm({ ...recurrent, units: 3 })],
  ],
  ['bidirectional', [5, 3], () => [bidirectional(layers.lstm({ ...recurrent, units: 3 }))]],
  ['timeDistributed', [5, 3], () => [layers.timeDistributed({ layer: layers.dense({ units: 2 }) }), layers.flatten()]],
  [
    'convLstm2d',
    [3, 4, 4, 2],
    () => [layers.convLstm2d({ ...recurrent, filters: 2, kernelSize: 2 }), layers.flatten()],
  ],
  ['conv1d', [8, 2], () => [layers.conv1d({ filters: 3, kernelSize: 3 }), layers.globalAveragePooling1d({})]],
  ['pooling 1d', [8, 2], () => [layers.maxPooling1d({}), layers.averagePooling1d({}), layers.globalMaxPooling1d()]],
  ['layerNormalization', [5, 3], () => [layers.layerNormalization(), layers.flatten()]],
  ['masking', [5, 3], () => [layers.masking({ maskValue: 0 }), layers.lstm({ ...recurrent, units: 2 })]],
];

const images: [string, number[], () => Layers][] = [
  ['conv2d', [6, 6, 2], () => [layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, activation: 'relu' })]],
  ['conv2dTranspose', [3, 3, 2], () => [layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })]],
  ['depthwiseConv2d', [6, 6, 2], () => [layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })]],
  ['separableConv2d', [6, 6, 2], () => [layers.separableConv2d({ filters: 3, kernelSize: 3 })]],
  ['pooling 2d', [8, 8, 2], () => [layers.maxPooling2d({}), layers.averagePooling2d({})]],
  ['upSampling2d', [3, 3, 2], () => [layers.upSampling2d({})]],
  ['upSampling2d, bilinear', [3, 3, 2], () => [layers.upSampling2d({ interpolation: 'bilinear' })]],
  [
    'padding and cropping',
    [4, 4, 2],
    () => [
      layers.zeroPadding2d({}),
      layers.cropping2D({
        cropping: [
          [1, 0],
          [0, 2],
        ],
      }),
    ],
  ],
  ['batchNormalization', [4, 4, 2], () => [layers.batchNormalization()]],
  ['conv3d', [4, 4, 4, 2], () => [layers.conv3d({ filters: 3, kernelSize: 3, padding: 'same' })]],
  ['conv3dTranspose', [2, 2, 2, 2], () => [layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 })]],
  ['pooling 3d', [4, 4, 4, 2], () => [layers.maxPooling3d({}), layers.averagePooling3d({ poolSize: 2 })]],
  [
    'permute and repeat',
    [2, 3],
    () => [layers.permute({ dims: [2, 1] }), layers.flatten(), layers.repeatVector({ n: 2 })],
  ],
];

const activations: [string, number[], () => Layers][] = (
  [
    ['elu', () => layers.elu()],
    ['reLU', () => layers.reLU({ maxValue: 1 })],
    ['leakyReLU', () => layers.leakyReLU({ alpha: 0.1 })],
    ['prelu', () => layers.prelu({ alphaInitializer: 'glorotNormal' })],
    ['softmax', () => layers.softmax()],
    ...(
      ['sigmoid', 'hardSigmoid', 'tanh', 'softplus', 'softsign', 'selu', 'swish', 'mish', 'gelu', 'gelu_new'] as const
    ).map((activation) => [activation, () => layers.activation({ activation })] as const),
  ] as [string, () => tfl.layers.Layer][]
).map(([name, layer]) => [name, [6], () => [layers.dense({ units: 6 }), layer()]]);

function bidirectional(layer: tfl.RNN): tfl.layers.Layer {
  return layers.bidirectional({ layer, mergeMode: 'concat' });
}

/** Weights that do not depend on the backend. */
function setWeights(model: tfl.LayersModel): void {
  const random = seededRandom(11);
  model.setWeights(
    model.getWeights().map(({ shape, size }, i) => {
      // Running variances must be positive.
      const isVariance = model.weights[i]!.name.includes('variance');
      return tf.tensor(
        Float32Array.from({ length: size }, () => (isVariance ? 1 : 0) + 0.4 * random.uniform()),
        shape,
      );
    }),
  );
}

function uniform(shape: number[], seed: number): tf.Tensor {
  const random = seededRandom(seed);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, () => 2 * random.uniform() - 1),
    shape,
  );
}

/** What the model answers before, and its losses and weights after three steps of training. */
async function lifeOf(backendName: string, build: () => tfl.LayersModel, x: () => tf.Tensor): Promise<number[]> {
  await tf.setBackend(backendName);
  const model = build();
  setWeights(model);
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  const given = x();
  const answer = model.predict(given) as tf.Tensor;
  const story = [...(await answer.data())];
  const wanted = uniform(answer.shape, 3);
  for (let step = 0; step < 3; step++) story.push((await model.trainOnBatch(given, wanted)) as number);
  for (const weights of model.getWeights()) story.push(...(await weights.data()));
  return story;
}

async function expectSameLife(build: () => tfl.LayersModel, x: () => tf.Tensor): Promise<void> {
  const expected = await lifeOf('cpu', build, x);
  const actual = await lifeOf('onnx', build, x);
  expect(actual.length).toBe(expected.length);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(2e-3);
}

describe('layers of TF.js train as on tfjs-cpu', () => {
  test.each([...sequences, ...images, ...activations])('%s', async (_, inputShape, build) => {
    const model = (): tfl.LayersModel => {
      const [first, ...rest] = build();
      const input = tfl.input({ shape: inputShape });
      const features = rest.reduce(
        (y, layer) => layer.apply(y) as tfl.SymbolicTensor,
        first!.apply(input) as tfl.SymbolicTensor,
      );
      const flat = features.shape.length > 2 ? (layers.flatten().apply(features) as tfl.SymbolicTensor) : features;
      return tfl.model({ inputs: input, outputs: layers.dense(last).apply(flat) as tfl.SymbolicTensor });
    };
    await expectSameLife(model, () => uniform([3, ...inputShape], 5));
  });

  test('embedding, whose gradient adds what a word gets in several places', async () => {
    const model = (): tfl.LayersModel =>
      tfl.sequential({
        layers: [
          layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4 }),
          layers.globalAveragePooling1d({}),
          layers.dense(last),
        ],
      });
    await expectSameLife(model, () => tf.tensor2d([1, 2, 1, 6, 0, 0, 3, 1], [2, 4], 'float32'));
  });

  test('merging layers: add, multiply, average, maximum, minimum, concatenate, dot', async () => {
    const model = (): tfl.LayersModel => {
      const input = tfl.input({ shape: [4] });
      const [a, b] = [4, 4].map((units) => layers.dense({ units }).apply(input) as tfl.SymbolicTensor);
      const merged = [
        layers.add(),
        layers.multiply(),
        layers.average(),
        layers.maximum(),
        layers.minimum(),
        layers.dot({ axes: 1 }),
      ].map((layer) => layer.apply([a!, b!]) as tfl.SymbolicTensor);
      const all = layers.concatenate().apply(merged) as tfl.SymbolicTensor;
      return tfl.model({ inputs: input, outputs: layers.dense(last).apply(all) as tfl.SymbolicTensor });
    };
    await expectSameLife(model, () => uniform([3, 4], 5));
  });

  test('layers that draw random numbers train too', async () => {
    await tf.setBackend('onnx');
    const noisy = [
      layers.dropout({ rate: 0.5, seed: 3 }),
      layers.spatialDropout1d({ rate: 0.2 }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.gaussianDropout({ rate: 0.3 }),
      layers.alphaDropout({ rate: 0.2 }),
    ];
    const model = tfl.sequential({
      layers: [layers.dense({ units: 3, inputShape: [4, 2] }), ...noisy, layers.flatten(), layers.dense(last)],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    expect(await model.trainOnBatch(uniform([2, 4, 2], 1), uniform([2, 1], 2))).toEqual(expect.any(Number));
  });
});

describe('attention', () => {
  /** Two heads over [batch, time, 4], as MultiHeadAttention computes it: with einsum. */
  function attention(x: tf.Tensor, [query, key, value, out]: readonly tf.Tensor[]): tf.Tensor {
    const project = (weights: tf.Tensor): tf.Tensor => tf.einsum('btd,dnh->btnh', x, weights);
    const scores = tf.einsum('btnh,bsnh->bnts', project(query!), project(key!));
    const weights = tf.softmax(tf.div(scores, Math.sqrt(3)));
    return tf.einsum('btnh,nhd->btd', tf.einsum('bnts,bsnh->btnh', weights, project(value!)), out!);
  }

  async function gradientsOn(backendName: string): Promise<number[]> {
    await tf.setBackend(backendName);
    const weights = [
      [4, 2, 3],
      [4, 2, 3],
      [4, 2, 3],
      [2, 3, 4],
    ].map((shape, i) => uniform(shape, i));
    const inputs = [uniform([2, 5, 4], 9), ...weights];
    const gradients = tf.grads((x, ...given) => attention(x, given))(inputs);
    const values = await Promise.all([attention(inputs[0]!, weights), ...gradients].map((t) => t.data()));
    return values.flatMap((each) => [...each]);
  }

  test('trains through einsum, whose gradient TF.js lacks', async () => {
    const [expected, actual] = [await gradientsOn('cpu'), await gradientsOn('onnx')];
    const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  });
});
