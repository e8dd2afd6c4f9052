/** Representative kernels, at least one of every family that a provider could say or compute differently. */
import * as tf from '@tensorflow/tfjs-core';

export interface Case {
  name: string;
  compute: (...inputs: tf.Tensor[]) => tf.Tensor;
  shapes: number[][];
  /** Values are uniform between these; -2 and 2 where left out. */
  range?: [number, number];
  /** Whether gradients exist: default true. */
  gradients?: boolean;
}

type One = (x: tf.Tensor) => tf.Tensor;
const as4 = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const as5 = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D;
const whole = (x: tf.Tensor): tf.Tensor => tf.cast(tf.mul(x, 10), 'int32');

const POSITIVE: [number, number] = [0.2, 3];
const UNIT: [number, number] = [-0.9, 0.9];

function elementwise(): Case[] {
  const any: Record<string, One> = {
    relu: tf.relu,
    relu6: (x) => tf.relu6(tf.mul(x, 5)),
    elu: tf.elu,
    selu: tf.selu,
    leakyRelu: (x) => tf.leakyRelu(x, 0.1),
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    softplus: tf.softplus,
    exp: tf.exp,
    square: tf.square,
    abs: tf.abs,
    sign: tf.sign,
    round: tf.round,
    floor: tf.floor,
    step: (x) => tf.step(x, 0.3),
    clip: (x) => tf.clipByValue(x, -1, 1),
    sin: tf.sin,
    atan: tf.atan,
    erf: tf.erf,
    softmax: (x) => tf.softmax(x),
    logSoftmax: (x) => tf.logSoftmax(x),
  };
  const positive: Record<string, One> = { log: tf.log, log1p: tf.log1p, sqrt: tf.sqrt, rsqrt: tf.rsqrt };
  const unit: Record<string, One> = { asin: tf.asin, tan: tf.tan, atanh: tf.atanh };
  const table = (kernels: Record<string, One>, range?: [number, number]): Case[] =>
    Object.entries(kernels).map(([name, compute]) => ({
      name,
      compute,
      shapes: [[3, 5]],
      ...(range ? { range } : {}),
    }));
  return [...table(any), ...table(positive, POSITIVE), ...table(unit, UNIT)];
}

const arithmetic: Case[] = [
  { name: 'add, broadcast', compute: (a, b) => tf.add(a, b), shapes: [[2, 3, 4], [4]] },
  {
    name: 'div, broadcast',
    compute: (a, b) => tf.div(a, b),
    shapes: [
      [3, 4],
      [3, 1],
    ],
    range: POSITIVE,
  },
  { name: 'pow', compute: (a, b) => tf.pow(a, b), shapes: [[3, 4], [4]], range: POSITIVE },
  { name: 'mod', compute: (a, b) => tf.mod(a, b), shapes: [[3, 4], [4]], range: POSITIVE },
  {
    name: 'maximum',
    compute: (a, b) => tf.maximum(a, b),
    shapes: [
      [3, 4],
      [3, 4],
    ],
  },
  { name: 'prelu', compute: (a, b) => tf.prelu(a, b), shapes: [[3, 4], [4]] },
  { name: 'addN', compute: (x) => tf.addN([x, x, tf.neg(x)]), shapes: [[3, 4]] },
  {
    name: 'where',
    compute: (a, b) => tf.where(tf.greater(a, b), a, tf.mul(b, 3)),
    shapes: [
      [3, 4],
      [3, 4],
    ],
    gradients: false,
  },
];

const reductions: Case[] = [
  { name: 'sum of all', compute: (x) => tf.sum(x), shapes: [[3, 4, 5]] },
  { name: 'sum over the batch', compute: (x) => tf.sum(x, [0, 1, 2]), shapes: [[2, 3, 4, 5]] },
  { name: 'mean, kept', compute: (x) => tf.mean(x, 0, true), shapes: [[3, 4]] },
  { name: 'max', compute: (x) => tf.max(x, -1), shapes: [[3, 4]] },
  { name: 'min', compute: (x) => tf.min(x, 0), shapes: [[3, 4]] },
  { name: 'variance', compute: (x) => tf.moments(x, 0).variance, shapes: [[3, 4]] },
  { name: 'logSumExp', compute: (x) => tf.logSumExp(x, 0), shapes: [[3, 4]] },
  { name: 'prod', compute: (x) => tf.prod(x, 0), shapes: [[3, 4]], gradients: false },
  { name: 'sum of whole numbers', compute: (x) => tf.sum(whole(x), 0), shapes: [[3, 4]], gradients: false },
  { name: 'max of whole numbers', compute: (x) => tf.max(whole(x), 0), shapes: [[3, 4]], gradients: false },
  { name: 'any', compute: (x) => tf.any(tf.greater(x, 1), 0), shapes: [[3, 4]], gradients: false },
  { name: 'all', compute: (x) => tf.all(tf.greater(x, -1), 0), shapes: [[3, 4]], gradients: false },
  { name: 'argMax', compute: (x) => tf.argMax(x, 1), shapes: [[3, 4]], gradients: false },
  { name: 'argMin', compute: (x) => tf.argMin(x, 0), shapes: [[3, 4]], gradients: false },
  { name: 'cumsum', compute: (x) => tf.cumsum(x, 0, true, true), shapes: [[3, 4]], gradients: false },
  { name: 'top values', compute: (x) => tf.topk(x, 2).values, shapes: [[3, 4]], gradients: false },
];

const arrangement: Case[] = [
  { name: 'transpose', compute: (x) => tf.transpose(x, [2, 0, 1]), shapes: [[3, 4, 5]] },
  { name: 'transpose of five axes', compute: (x) => tf.transpose(x, [0, 4, 1, 2, 3]), shapes: [[2, 3, 4, 5, 2]] },
  { name: 'slice', compute: (x) => tf.slice(x, [1, 0, 2], [2, 2, 2]), shapes: [[3, 2, 5]] },
  {
    name: 'concat',
    compute: (a, b) => tf.concat([a, b, a], 1),
    shapes: [
      [3, 2],
      [3, 4],
    ],
  },
  { name: 'stack', compute: (x) => tf.stack([x, tf.neg(x)], 1), shapes: [[3, 4]] },
  { name: 'tile', compute: (x) => tf.tile(x, [2, 3]), shapes: [[3, 2]] },
  {
    name: 'pad',
    compute: (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        7,
      ),
    shapes: [[3, 2]],
  },
  {
    name: 'mirrorPad',
    compute: (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 0],
        ],
        'reflect',
      ),
    shapes: [[4, 3]],
    gradients: false,
  },
  { name: 'reverse', compute: (x) => tf.reverse(x, [1]), shapes: [[3, 4]] },
  { name: 'gather', compute: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1), shapes: [[2, 3]] },
  { name: 'split', compute: (x) => tf.split(x, [1, 2], 1)[1]!, shapes: [[4, 3]] },
  { name: 'oneHot', compute: (x) => tf.oneHot(whole(x), 4, 2, -1), shapes: [[6]], gradients: false },
  { name: 'cast', compute: (x) => tf.cast(whole(x), 'float32'), shapes: [[3, 4]], gradients: false },
  {
    name: 'whole numbers',
    compute: (x) => tf.abs(tf.sub(whole(x), tf.scalar(3, 'int32'))),
    shapes: [[6]],
    gradients: false,
  },
  { name: 'equal', compute: (a, b) => tf.equal(tf.round(a), tf.round(b)), shapes: [[4, 5], [5]], gradients: false },
  {
    name: 'lessEqual of booleans',
    compute: (a, b) => tf.lessEqual(tf.greater(a, 0), tf.greater(b, 0)),
    shapes: [[4, 5], [5]],
    gradients: false,
  },
  {
    name: 'logic',
    compute: (x) => tf.logicalOr(tf.logicalAnd(tf.less(x, 1), tf.greater(x, -1)), tf.logicalNot(tf.less(x, 0))),
    shapes: [[3, 4]],
    gradients: false,
  },
  { name: 'isNaN', compute: (x) => tf.isNaN(tf.log(x)), shapes: [[3, 4]], gradients: false },
  { name: 'resizeBilinear', compute: (x) => tf.image.resizeBilinear(as4(x), [5, 6]), shapes: [[1, 4, 4, 2]] },
  {
    name: 'resizeNearestNeighbor',
    compute: (x) => tf.image.resizeNearestNeighbor(as4(x), [6, 8]),
    shapes: [[1, 3, 4, 2]],
  },
];

const linear: Case[] = [
  {
    name: 'matMul',
    compute: (a, b) => tf.matMul(a, b),
    shapes: [
      [7, 5],
      [5, 9],
    ],
  },
  {
    name: 'matMul, transposed',
    compute: (a, b) => tf.matMul(a, b, true, true),
    shapes: [
      [5, 7],
      [9, 5],
    ],
  },
  {
    name: 'matMul in batches',
    compute: (a, b) => tf.matMul(a, b),
    shapes: [
      [2, 3, 16, 8],
      [2, 3, 8, 16],
    ],
  },
  {
    name: 'fused dense layer',
    compute: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
    shapes: [[3, 4], [4, 2], [2]],
  },
  {
    name: 'batchNorm',
    compute: (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale),
    shapes: [[2, 3, 4], [4], [4], [4], [4]],
    range: POSITIVE,
  },
  {
    name: 'attention',
    compute: (q, k, v) => tf.matMul(tf.softmax(tf.div(tf.matMul(q, k, false, true), 2)), v),
    shapes: [
      [2, 3, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
  },
];

function windows(): Case[] {
  const conv2d = (
    name: string,
    x: number[],
    filter: number[],
    stride: number,
    pad: 'same' | 'valid',
    dilation = 1,
  ): Case => ({
    name: `conv2d, ${name}`,
    compute: (input, w) => tf.conv2d(as4(input), as4(w), stride, pad, 'NHWC', dilation),
    shapes: [x, filter],
  });
  const conv3d = (name: string, x: number[], filter: number[], stride: number, pad: 'same' | 'valid'): Case => ({
    name: `conv3d, ${name}`,
    compute: (input, w) => tf.conv3d(as5(input), as5(w), stride, pad),
    shapes: [x, filter],
  });
  return [
    conv2d('same', [2, 6, 5, 3], [3, 3, 3, 4], 1, 'same'),
    conv2d('strided', [2, 7, 6, 3], [3, 3, 3, 4], 2, 'same'),
    conv2d('strided, valid', [2, 7, 6, 3], [3, 2, 3, 4], 2, 'valid'),
    // TF.js itself has no gradients of dilated convolutions.
    { ...conv2d('dilated', [1, 7, 7, 2], [3, 3, 2, 3], 1, 'same', 2), gradients: false },
    conv2d('1×1, strided', [2, 5, 5, 3], [1, 1, 3, 4], 2, 'same'),
    conv2d('1×1', [2, 4, 4, 8], [1, 1, 8, 16], 1, 'same'),
    conv3d('same', [2, 4, 5, 4, 2], [3, 3, 3, 2, 3], 1, 'same'),
    conv3d('strided', [2, 5, 6, 5, 2], [3, 3, 3, 2, 4], 2, 'same'),
    conv3d('strided, valid', [1, 5, 6, 5, 2], [2, 2, 2, 2, 3], 2, 'valid'),
    conv3d('1×1×1', [2, 3, 4, 4, 8], [1, 1, 1, 8, 4], 1, 'same'),
    {
      name: 'depthwiseConv2d',
      compute: (x, w) => tf.depthwiseConv2d(as4(x), as4(w), 1, 'same'),
      shapes: [
        [2, 5, 6, 3],
        [3, 3, 3, 2],
      ],
    },
    {
      name: 'conv2dTranspose',
      compute: (x, w) => tf.conv2dTranspose(as4(x), as4(w), [2, 6, 8, 3], 2, 'same'),
      shapes: [
        [2, 3, 4, 5],
        [3, 3, 3, 5],
      ],
    },
    {
      name: 'conv3dTranspose',
      compute: (x, w) => tf.conv3dTranspose(as5(x), as5(w), [1, 4, 6, 4, 3], 2, 'same'),
      shapes: [
        [1, 2, 3, 2, 4],
        [3, 3, 3, 3, 4],
      ],
      gradients: false,
    },
    { name: 'maxPool, tiles', compute: (x) => tf.maxPool(as4(x), 2, 2, 'valid'), shapes: [[2, 6, 4, 3]] },
    { name: 'maxPool, overlapping', compute: (x) => tf.maxPool(as4(x), 3, 2, 'same'), shapes: [[2, 6, 5, 3]] },
    { name: 'maxPool3d, tiles', compute: (x) => tf.maxPool3d(as5(x), 2, 2, 'valid'), shapes: [[2, 4, 6, 4, 3]] },
    { name: 'maxPool, gaps', compute: (x) => tf.maxPool(as4(x), 2, 3, 'valid'), shapes: [[2, 8, 9, 3]] },
    { name: 'maxPool3d, overlapping', compute: (x) => tf.maxPool3d(as5(x), 3, 2, 'same'), shapes: [[1, 5, 6, 5, 2]] },
    { name: 'avgPool', compute: (x) => tf.avgPool(as4(x), 2, 2, 'same'), shapes: [[2, 5, 4, 3]] },
    { name: 'avgPool, overlapping', compute: (x) => tf.avgPool(as4(x), 3, 2, 'same'), shapes: [[2, 6, 5, 3]] },
    { name: 'avgPool3d', compute: (x) => tf.avgPool3d(as5(x), 2, 2, 'same'), shapes: [[2, 5, 4, 3, 2]] },
    {
      name: 'conv, bias, relu and pool',
      compute: (x, w, b) => tf.maxPool3d(as5(tf.relu(tf.add(tf.conv3d(as5(x), as5(w), 1, 'same'), b))), 2, 2, 'valid'),
      shapes: [[2, 4, 4, 4, 2], [3, 3, 3, 2, 3], [3]],
    },
  ];
}

/** Kernels that say much in few words: what a provider lacks shows here. */
const others: Case[] = [
  { name: 'topk, indices', compute: (x) => tf.topk(x, 2).indices, shapes: [[3, 5]], gradients: false },
  {
    name: 'scatterND',
    compute: (x) => tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], 'int32'), x, [5, 2]),
    shapes: [[3, 2]],
    gradients: false,
  },
  {
    name: 'tensorScatterUpdate',
    compute: (x, y) => tf.tensorScatterUpdate(x, tf.tensor2d([[1], [3]], [2, 1], 'int32'), y),
    shapes: [
      [5, 2],
      [2, 2],
    ],
    gradients: false,
  },
  {
    name: 'gatherND',
    compute: (x) =>
      tf.gatherND(
        x,
        tf.tensor2d(
          [
            [1, 0],
            [2, 1],
          ],
          [2, 2],
          'int32',
        ),
      ),
    shapes: [[3, 2, 4]],
    gradients: false,
  },
  {
    name: 'unsortedSegmentSum',
    compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 2, 0], 'int32'), 3),
    shapes: [[3, 4]],
  },
  {
    name: 'stridedSlice',
    compute: (x) => tf.stridedSlice(x, [4, 0], [0, 3], [-2, 2]),
    shapes: [[5, 4]],
    gradients: false,
  },
  {
    name: 'einsum',
    compute: (a, b) => tf.einsum('bij,bjk->bik', a, b),
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
  },
  {
    name: 'spaceToBatch',
    compute: (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    shapes: [[1, 4, 6, 2]],
  },
  { name: 'depthToSpace', compute: (x) => tf.depthToSpace(as4(x), 2), shapes: [[1, 2, 3, 8]], gradients: false },
  {
    name: 'maxPoolWithArgmax',
    compute: (x) => tf.maxPoolWithArgmax(as4(x), 2, 2, 'valid').indexes!,
    shapes: [[1, 4, 6, 2]],
    gradients: false,
  },
  {
    name: 'localResponseNormalization',
    compute: (x) => tf.localResponseNormalization(as4(x), 2),
    shapes: [[1, 3, 3, 6]],
  },
  {
    name: 'dilation2d',
    compute: (x, w) => tf.dilation2d(as4(x), w as tf.Tensor3D, 1, 'same'),
    shapes: [
      [1, 5, 5, 2],
      [2, 2, 2],
    ],
  },
  {
    name: 'cropAndResize',
    compute: (x) =>
      tf.image.cropAndResize(as4(x), tf.tensor2d([[0.1, 0.2, 0.9, 0.8]]), tf.tensor1d([0], 'int32'), [3, 4]),
    shapes: [[1, 6, 7, 2]],
    gradients: false,
  },
  {
    name: 'transform',
    compute: (x) => tf.image.transform(as4(x), tf.tensor2d([[1, 0.2, -0.5, -0.1, 1, 0.3, 0, 0]]), 'bilinear'),
    shapes: [[1, 5, 6, 2]],
    gradients: false,
  },
  {
    name: 'batch normalisation in training',
    compute: (x, scale, offset) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2, 3]);
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), scale), offset);
    },
    shapes: [[2, 3, 4, 4, 5], [5], [5]],
  },
  {
    name: 'layer normalisation',
    compute: (x) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
    },
    shapes: [[3, 4, 8]],
  },
];

export const CASES: readonly Case[] = [
  ...elementwise(),
  ...arithmetic,
  ...reductions,
  ...arrangement,
  ...linear,
  ...windows(),
  ...others,
];
