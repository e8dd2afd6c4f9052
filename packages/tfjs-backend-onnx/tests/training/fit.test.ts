/** `tf.LayersModel.fit` from one set of weights on this backend and on tfjs-cpu. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../../src';
import { difference, randomInputs } from '../gradients/law';
import type { Shape } from '../gradients/law';

const backend = registerOnnxBackend({ threads: 2 });
afterAll(() => {
  backend.dispose();
});

interface Example {
  model: () => tfl.LayersModel;
  input: Shape;
  /** Of whole numbers below this, where given. */
  words?: number;
  classes: number;
  optimizer: () => tf.Optimizer;
}

const { layers } = tfl;
const EXAMPLES: [string, Example][] = [
  [
    'a perceptron with a regularised kernel and a dropout of nothing',
    {
      model: () =>
        tfl.sequential({
          layers: [
            layers.dense({ units: 16, activation: 'elu', inputShape: [6] }),
            layers.dropout({ rate: 0 }),
            layers.dense({ units: 3, activation: 'softmax', kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }) }),
          ],
        }),
      input: [6],
      classes: 3,
      optimizer: () => tf.train.adam(0.01),
    },
  ],
  // Without upSampling2d, whose gradient tfjs-cpu has wrong for more than one image.
  [
    'images: conv2d, batch norm, depthwise and separable convolutions, pools',
    {
      model: () =>
        tfl.sequential({
          layers: [
            layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false, inputShape: [8, 8, 2] }),
            layers.batchNormalization({ momentum: 0.9 }),
            layers.reLU(),
            layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }),
            layers.leakyReLU(),
            layers.separableConv2d({ filters: 8, kernelSize: 3, activation: 'relu6' }),
            layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
            layers.prelu(),
            layers.maxPooling2d({ poolSize: 3, strides: 2 }),
            layers.globalAveragePooling2d({}),
            layers.dense({ units: 3, activation: 'softmax' }),
          ],
        }),
      input: [8, 8, 2],
      classes: 3,
      optimizer: () => tf.train.momentum(0.05, 0.9),
    },
  ],
  [
    'volumes: conv3d and average pools',
    {
      model: () =>
        tfl.sequential({
          layers: [
            layers.conv3d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [6, 6, 6, 1] }),
            layers.conv3d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
            layers.averagePooling3d({ poolSize: 2 }),
            layers.maxPooling3d({ poolSize: 3 }),
            layers.flatten(),
            layers.dense({ units: 2, activation: 'softmax' }),
          ],
        }),
      input: [6, 6, 6, 1],
      classes: 2,
      optimizer: () => tf.train.rmsprop(0.003),
    },
  ],
  [
    'text: embedding and LSTM',
    {
      model: () =>
        tfl.sequential({
          layers: [
            layers.embedding({ inputDim: 12, outputDim: 6, inputLength: 7 }),
            layers.lstm({ units: 5, recurrentInitializer: 'glorotNormal', returnSequences: true }),
            layers.gru({ units: 4, recurrentInitializer: 'glorotNormal' }),
            layers.dense({ units: 4, activation: 'softmax' }),
          ],
        }),
      input: [7],
      words: 12,
      classes: 4,
      optimizer: () => tf.train.adam(0.02),
    },
  ],
  [
    'sequences: conv1d, layer norm, bidirectional LSTM',
    {
      model: () =>
        tfl.sequential({
          layers: [
            layers.conv1d({ filters: 6, kernelSize: 3, strides: 2, activation: 'tanh', inputShape: [9, 2] }),
            layers.layerNormalization(),
            layers.bidirectional({
              layer: layers.lstm({ units: 3, recurrentInitializer: 'glorotNormal' }),
              mergeMode: 'concat',
            }),
            layers.dense({ units: 2, activation: 'sigmoid' }),
          ],
        }),
      input: [9, 2],
      classes: 2,
      optimizer: () => tf.train.adagrad(0.05),
    },
  ],
];

/** Eleven samples in batches of four: the last batch has three. */
const [SAMPLES, BATCH] = [11, 4];

async function fit({ model: create, input, words, classes, optimizer }: Example, weights: Float32Array[] | null) {
  const model = create();
  const initial = weights ?? model.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
  model.setWeights(model.getWeights().map(({ shape }, i) => tf.tensor(initial[i]!, shape)));
  const [numbers] = randomInputs([[SAMPLES, ...input]], 3, words === undefined ? [-1, 1] : [0, words]);
  const x = tf.tensor(words === undefined ? numbers!.values : numbers!.values.map(Math.floor), [SAMPLES, ...input]);
  const random = seededRandom(4);
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: SAMPLES }, () => random.integer(classes)),
      'int32',
    ),
    classes,
  );
  model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, {
    batchSize: BATCH,
    epochs: 4,
    shuffle: false,
    validationData: [x, y],
  });
  const result = {
    losses: history as Record<string, number[]>,
    weights: model.getWeights().map((weight) => Float32Array.from(weight.dataSync())),
    initial,
  };
  model.dispose();
  tf.dispose([x, y]);
  return result;
}

test.each(EXAMPLES)('fit gives the losses, metrics and weights of tfjs-cpu: %s', async (_, example) => {
  await tf.setBackend('cpu');
  const expected = await fit(example, null);
  await tf.setBackend('onnx');
  backend.fallbacks.clear();
  const actual = await fit(example, expected.initial);
  for (const [name, values] of Object.entries(expected.losses)) {
    expect(difference(Float32Array.from(actual.losses[name]!), Float32Array.from(values))).toBeLessThan(1e-4);
  }
  expected.weights.forEach((weight, i) => {
    expect(difference(actual.weights[i]!, weight)).toBeLessThan(1e-3);
  });
  expect([...backend.fallbacks]).toEqual([]);
});

test('dropout drops the part it is asked to, and scales what it keeps', async () => {
  await tf.setBackend('onnx');
  const dropped = layers.dropout({ rate: 0.25 }).apply(tf.ones([100, 100]), { training: true }) as tf.Tensor;
  const values = await dropped.data();
  const kept = values.filter((value) => value !== 0);
  expect(kept.every((value) => Math.abs(value - 4 / 3) < 1e-6)).toBe(true);
  expect(Math.abs(kept.length / 10_000 - 0.75)).toBeLessThan(0.03);
});
