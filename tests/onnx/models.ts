/** Networks of every family that TF.js makes, small, for what must hold of each export. */
import * as tf from '@tensorflow/tfjs-core';
import { initializers, input, layers, model, sequential } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { affineSample3d, exportOnnx } from 'tfjs-backend-onnx';
import type { ExportInput, ExportOptions } from 'tfjs-backend-onnx';
import { classify, randomParameters } from '../../packages/tfjs-backend-onnx/tests/luna-model';

/** A network that can be asked and exported. */
export interface Example {
  inputs: readonly ExportInput[];
  /** What the backend answers, by name. */
  answer: (...inputs: tf.Tensor[]) => Record<string, tf.Tensor>;
  toOnnx: (options?: ExportOptions) => Uint8Array;
}

type Layers = (x: SymbolicTensor) => SymbolicTensor;

const uniform = (seed: number) => initializers.randomUniform({ minval: -0.4, maxval: 0.4, seed });
const positive = (seed: number) => initializers.randomUniform({ minval: 0.5, maxval: 1.5, seed });

/** Moving statistics and scales of a batch normalisation as after some training. */
const trainedNorm = (seed: number) =>
  layers.batchNormalization({
    gammaInitializer: positive(seed),
    betaInitializer: uniform(seed + 1),
    movingMeanInitializer: uniform(seed + 2),
    movingVarianceInitializer: positive(seed + 3),
  });

function fromLayers(shape: number[], build: Layers): Example {
  const x = input({ shape });
  const network = model({ inputs: x, outputs: build(x) });
  const name = network.inputNames[0]!;
  return {
    inputs: [{ name, shape: [-1, ...shape], dtype: 'float32' }],
    answer: (given) => ({ y: network.predict(given) as tf.Tensor }),
    toOnnx: (options) => exportOnnx(network, { ...options, outputs: ['y'] }),
  };
}

function fromFunction(inputs: readonly ExportInput[], answer: Example['answer']): Example {
  return { inputs, answer, toOnnx: (options) => exportOnnx(answer, inputs, options) };
}

const random = (shape: number[], seed: number): tf.Variable =>
  tf.variable(tf.randomUniform(shape, -0.4, 0.4, 'float32', seed));

const kernelInitializer = uniform(1);
const biasInitializer = uniform(2);
const seeded = { kernelInitializer, biasInitializer };

function conv1d(): Example {
  return fromLayers([24, 3], (x) => {
    let y = layers.conv1d({ filters: 6, kernelSize: 3, padding: 'same', ...seeded }).apply(x);
    y = trainedNorm(5).apply(y);
    y = layers.activation({ activation: 'relu' }).apply(y);
    y = layers.maxPooling1d({ poolSize: 2 }).apply(y);
    y = layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, ...seeded }).apply(y);
    y = layers.averagePooling1d({ poolSize: 2, strides: 1 }).apply(y);
    y = layers.globalAveragePooling1d({}).apply(y);
    return layers.dense({ units: 3, activation: 'softmax', ...seeded }).apply(y) as SymbolicTensor;
  });
}

function conv2d(): Example {
  return fromLayers([17, 16, 3], (x) => {
    let y = layers.zeroPadding2d({ padding: [[1, 0], [0, 1]] }).apply(x); // prettier-ignore
    y = layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 'same', ...seeded }).apply(y);
    y = trainedNorm(9).apply(y);
    y = layers.reLU({}).apply(y);
    y = layers.dropout({ rate: 0.5 }).apply(y);
    const skip = y;
    y = layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthwiseInitializer: uniform(3) }).apply(y);
    y = layers.separableConv2d({ filters: 8, kernelSize: 3, padding: 'same', depthwiseInitializer: uniform(4), pointwiseInitializer: uniform(5) }).apply(y); // prettier-ignore
    y = layers.add().apply([y, skip] as SymbolicTensor[]);
    y = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(y);
    y = layers.upSampling2d({ size: [2, 2] }).apply(y);
    y = layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, ...seeded }).apply(y);
    y = layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', ...seeded }).apply(y);
    y = layers.averagePooling2d({ poolSize: 2, padding: 'same' }).apply(y);
    y = layers.flatten().apply(y);
    return layers.dense({ units: 3, ...seeded }).apply(y) as SymbolicTensor;
  });
}

function conv3d(): Example {
  return fromLayers([8, 9, 10, 2], (x) => {
    let y = layers.conv3d({ filters: 4, kernelSize: 3, padding: 'same', ...seeded }).apply(x);
    y = layers.leakyReLU({}).apply(y);
    y = layers.maxPooling3d({ poolSize: 2 }).apply(y);
    y = layers.conv3d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', ...seeded }).apply(y);
    y = layers.averagePooling3d({ poolSize: 2, strides: 1 }).apply(y);
    y = layers.conv3dTranspose({ filters: 3, kernelSize: 2, strides: 2, ...seeded }).apply(y);
    y = layers.flatten().apply(y);
    y = trainedNorm(13).apply(y);
    return layers.dense({ units: 2, activation: 'sigmoid', ...seeded }).apply(y) as SymbolicTensor;
  });
}

const ACTIVATIONS = ['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu', 'gelu_new'] as const; // prettier-ignore

function activations(): Example {
  return fromLayers([7], (x) => {
    const hidden = layers.dense({ units: 8, ...seeded }).apply(x) as SymbolicTensor;
    const more = [
      layers.prelu({ alphaInitializer: uniform(6) }),
      layers.thresholdedReLU({ theta: 0.1 }),
      layers.softmax({}),
      layers.layerNormalization({ gammaInitializer: positive(7), betaInitializer: uniform(8) }),
    ];
    const each = ACTIVATIONS.map((activation) => layers.activation({ activation: activation }).apply(hidden));
    const y = layers.concatenate().apply([...each, ...more.map((layer) => layer.apply(hidden))] as SymbolicTensor[]);
    return layers.dense({ units: 5, ...seeded }).apply(y) as SymbolicTensor;
  });
}

function recurrent(): Example {
  const settings = { kernelInitializer, recurrentInitializer: uniform(4), biasInitializer };
  return fromLayers([5, 4], (x) => {
    let y = layers.lstm({ units: 6, returnSequences: true, ...settings }).apply(x);
    y = layers.gru({ units: 5, returnSequences: true, ...settings }).apply(y);
    y = layers
      .bidirectional({
        layer: layers.simpleRNN({ units: 4, returnSequences: true, ...settings }),
        mergeMode: 'concat',
      })
      .apply(y);
    y = layers.timeDistributed({ layer: layers.dense({ units: 3, ...seeded }) }).apply(y);
    return layers.flatten().apply(y) as SymbolicTensor;
  });
}

/** A transformer block over tokens: embedding, two heads with a causal mask, layer norm, GELU. */
function attention(): Example {
  const [tokens, width, heads] = [6, 8, 2];
  const table = random([11, width], 1);
  const [query, key, value, out] = [2, 3, 4, 5].map((seed) => random([width, width], seed)) as [
    tf.Variable,
    tf.Variable,
    tf.Variable,
    tf.Variable,
  ];
  const [wide, narrow] = [random([width, 4 * width], 6), random([4 * width, width], 7)];
  const normalized = (x: tf.Tensor): tf.Tensor => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
  };
  const product = (x: tf.Tensor, weights: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, weights.shape[0]]), weights as tf.Tensor2D), [
      -1,
      tokens,
      weights.shape[1]!,
    ]);
  const split = (x: tf.Tensor): tf.Tensor =>
    tf.transpose(tf.reshape(x, [-1, tokens, heads, width / heads]), [0, 2, 1, 3]);
  return fromFunction([{ name: 'ids', shape: [-1, tokens], dtype: 'int32' }], (ids) => {
    const x = tf.gather(table, ids);
    const [q, k, v] = [query, key, value].map((weights) => split(product(normalized(x), weights))) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads));
    const causal = tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0);
    const masked = tf.where(tf.cast(causal, 'bool'), scores, tf.fill(scores.shape, -1e9));
    const mixed = tf.reshape(tf.transpose(tf.matMul(tf.softmax(masked), v), [0, 2, 1, 3]), [-1, tokens, width]);
    const y = tf.add(x, product(mixed, out));
    const hidden = product(normalized(y), wide);
    const gelu = tf.mul(hidden, tf.mul(0.5, tf.add(1, tf.erf(tf.div(hidden, Math.SQRT2)))));
    return { y: tf.add(y, product(gelu, narrow)), scores };
  });
}

/** What models do between layers. */
function arrangements(): Example {
  return fromFunction([{ name: 'x', shape: [-1, 4, 6], dtype: 'float32' }], (x) => {
    const [left, right] = tf.split(x, 2, 2);
    const stacked = tf.concat([tf.tile(left!, [1, 1, 2]), tf.pad(right!, [[0, 0], [0, 0], [1, 2]], 0.5)], 1); // prettier-ignore
    const sliced = tf.slice(stacked, [0, 1, 0], [-1, 5, 6]);
    const strided = tf.stridedSlice(stacked, [0, 0, 5], [stacked.shape[0], 8, 0], [1, 2, -2]);
    const picked = tf.gather(sliced, tf.tensor1d([3, 0, 2], 'int32'), 1);
    const { values } = tf.topk(x, 3);
    const places = tf.oneHot(tf.cast(tf.argMax(x, 2), 'int32'), 6);
    return {
      sums: tf.cumsum(picked, 2),
      strided: tf.reverse(strided, 2),
      norms: tf.norm(x, 2, 2),
      best: values,
      places: tf.cast(places, 'float32'),
      chosen: tf.where(tf.greater(x, 0), tf.exp(x), tf.onesLike(x)),
      spread: tf.sub(tf.logSumExp(x, [1, 2]), tf.mean(x, [1, 2])),
      mirrored: tf.mirrorPad(x, [[0, 0], [1, 2], [2, 1]], 'reflect'), // prettier-ignore
      log: tf.logSoftmax(x),
    };
  });
}

function images(): Example {
  return fromFunction([{ name: 'x', shape: [-1, 8, 6, 3], dtype: 'float32' }], (x) => ({
    bilinear: tf.image.resizeBilinear(x as tf.Tensor4D, [11, 9], false, true),
    aligned: tf.image.resizeBilinear(x as tf.Tensor4D, [5, 12], true),
    nearest: tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [16, 12]),
    flipped: tf.image.flipLeftRight(x as tf.Tensor4D),
    local: tf.localResponseNormalization(x as tf.Tensor4D, 2),
    depth: tf.depthToSpace(tf.concat([x, x, x, x], 3) as tf.Tensor4D, 2),
  }));
}

/** Boxes cut out, windows over single channels, and what turns images without interpolation. */
function imageWindows(): Example {
  const [boxes, owners] = [tf.tensor2d([0, 0.1, 0.9, 1.2, 0.3, 0, 1, 0.5], [2, 4]), tf.tensor1d([0, 0], 'int32')];
  const [wide, each, grey] = [random([3, 2, 2, 3], 1), random([3, 3, 3, 2], 2), random([2, 3, 3], 3)];
  return fromFunction([{ name: 'x', shape: [-1, 9, 7, 3], dtype: 'float32' }], (given) => {
    const x = given as tf.Tensor4D;
    return {
      cropped: tf.image.cropAndResize(x, boxes, owners, [4, 5], 'bilinear', 7),
      repeated: tf.mirrorPad(x, [[0, 0], [2, 1], [0, 3], [0, 0]], 'symmetric'), // prettier-ignore
      unpooled: tf.conv2dTranspose(x, wide as unknown as tf.Tensor4D, [x.shape[0], 18, 14, 2], 2, 'valid'),
      dilated: tf.depthwiseConv2d(x, each as unknown as tf.Tensor4D, 1, 'same', 'NHWC', 2),
      grown: tf.dilation2d(x, grey as unknown as tf.Tensor3D, 2, 'same'),
    };
  });
}

/** Needs the GridSample of opset 20. */
function imageMaps(): Example {
  const near = tf.add<tf.Tensor2D>(tf.randomUniform([1, 8], -0.02, 0.02, 'float32', 1), [1, 0, 0.3, 0, 1, 0.2, 0, 0]);
  const ports: ExportInput[] = [
    { name: 'volume', shape: [-1, 4, 5, 6, 2], dtype: 'float32' },
    { name: 'matrices', shape: [-1, 3, 4], dtype: 'float32' },
  ];
  return fromFunction(ports, (volume, matrices) => {
    const slices = tf.reshape<tf.Rank.R4>(volume, [-1, 5, 6, 2]);
    const bySlice = (y: tf.Tensor): tf.Tensor => tf.reshape(y, volume.shape);
    return {
      sampled: affineSample3d(volume as tf.Tensor5D, matrices as tf.Tensor3D, { padding: -1, size: [3, 5, 4] }),
      bilinear: bySlice(tf.image.transform(slices, near, 'bilinear', 'reflect')),
      nearest: bySlice(tf.image.transform(slices, near, 'nearest', 'constant', 3)),
    };
  });
}

/** Reading and writing at places that are computed. */
function places(): Example {
  return fromFunction([{ name: 'x', shape: [-1, 6, 4], dtype: 'float32' }], (x) => {
    const order = tf.cast(tf.argMin(x, 2), 'int32');
    const flat = tf.reshape(order, [-1]);
    const sorted = tf.tensor1d([-1, 0, 1, 2]);
    return {
      gathered: tf.gatherND(x, tf.tensor2d([[0, 1], [0, 5]], undefined, 'int32')), // prettier-ignore
      scattered: tf.scatterND(tf.tensor2d([[1], [3]], undefined, 'int32'), tf.slice(tf.reshape(x, [-1, 4]), 0, 2), [5, 4]), // prettier-ignore
      updated: tf.tensorScatterUpdate(tf.ones([4, 4]), tf.tensor2d([[2]], undefined, 'int32'), tf.slice(tf.reshape(x, [-1, 4]), 0, 1)), // prettier-ignore
      segments: tf.unsortedSegmentSum(tf.transpose(x, [1, 0, 2]), tf.tensor1d([0, 1, 0, 2, 1, 0], 'int32'), 3),
      counts: tf.bincount(flat as unknown as tf.Tensor1D, [], 5),
      dense: tf.denseBincount(order as tf.Tensor2D, [], 5),
      ranks: tf.reshape(tf.searchSorted(sorted, tf.reshape(x, [-1])), [-1, 24]),
      products: tf.cumprod(x, 1, true, true),
      product: tf.einsum('bij,bkj->bik', x, x),
      diagonal: tf.diag(tf.sum(x, [0, 1])),
      grouped: tf.unsortedSegmentSum(tf.reshape(x, [-1, 4]), tf.cast(tf.zerosLike(flat), 'int32') as tf.Tensor1D, 1),
    };
  });
}

/** What is rarer of windows and images. */
function windows(): Example {
  const filter = random([3, 3, 4], 3) as unknown as tf.Tensor3D;
  const boxes = tf.tensor2d([[0, 0, 1, 1], [0.1, 0.2, 0.7, 1.2]]); // prettier-ignore
  return fromFunction([{ name: 'x', shape: [-1, 8, 8, 4], dtype: 'float32' }], (given) => {
    const x = given as tf.Tensor4D;
    return {
      dilated: tf.dilation2d(x, filter, 1, 'same'),
      largest: tf.maxPoolWithArgmax(x, 2, 2, 'valid')['result']!,
      blocks: tf.batchToSpaceND(tf.neg(tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]])), [2, 2], [[0, 0], [0, 0]]), // prettier-ignore
      crops: tf.image.cropAndResize(x, boxes, tf.tensor1d([0, 0], 'int32'), [5, 4]),
      pooled: tf.pool(x, [3, 3], 'avg', 'same', [1, 1], [2, 2]),
      normalized: tf.batchNorm4d(x, tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 2, 1, 2]), undefined, undefined, 1e-3),
      leaky: tf.prelu<tf.Tensor>(x, tf.tensor1d([0.1, 0.2, 0.3, 0.4])),
    };
  });
}

function luna(): Example {
  const parameters = randomParameters(4);
  const statistics = { mean: tf.tensor1d([-350]), variance: tf.tensor1d([9e4]) };
  return fromFunction([{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' }], (patch) =>
    classify(tf.mul(patch, 500), parameters, statistics),
  );
}

function perceptron(): Example {
  const network = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [9], ...seeded }),
      layers.dropout({ rate: 0.3 }),
      trainedNorm(17),
      layers.dense({ units: 4, activation: 'softmax', ...seeded }),
    ],
  });
  return {
    inputs: [{ name: 'pixels', shape: [-1, 3, 3], dtype: 'float32' }],
    answer: (x) => ({ y: network.predict(tf.mul(tf.reshape(x, [-1, 9]), 2)) as tf.Tensor }),
    toOnnx: (options) =>
      exportOnnx(network, {
        ...options,
        inputs: [{ name: 'pixels', shape: [-1, 3, 3], dtype: 'float32' }],
        preprocessing: (x) => tf.mul(tf.reshape(x, [-1, 9]), 2),
        outputs: ['y'],
        metadata: { labels: ['a', 'b', 'c', 'd'], lineage: { commit: 'abc' } },
      }),
  };
}

export const EXAMPLES: Readonly<Record<string, () => Example>> = {
  'a perceptron with preprocessing': perceptron,
  'convolutions in one dimension': conv1d,
  'convolutions in two dimensions': conv2d,
  'convolutions in three dimensions': conv3d,
  'all activations': activations,
  'recurrent layers': recurrent,
  attention,
  'arrangements and reductions': arrangements,
  'images resized': images,
  'computed places': places,
  'rarer windows': windows,
  'windows over images': imageWindows,
  'images mapped': imageMaps,
  LunaModel: luna,
};

/** Where 18 is too old. */
export const LOWEST_OPSETS: Readonly<Record<string, number>> = { 'images mapped': 20 };
