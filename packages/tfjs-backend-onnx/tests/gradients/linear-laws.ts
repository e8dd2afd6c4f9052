import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyShape, law, sizes, upTo } from './law';
import type { Law } from './law';

const product = fc.record({
  batch: fc.array(upTo(3), { maxLength: 2 }),
  m: upTo(5),
  k: upTo(5),
  n: upTo(5),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});
const sidesOf = ({
  m,
  k,
  n,
  transposeA,
  transposeB,
}: { [K in 'm' | 'k' | 'n']: number } & Record<string, unknown>) => ({
  left: transposeA === true ? [k, m] : [m, k],
  right: transposeB === true ? [n, k] : [k, n],
});

const matMulLaws: Law[] = [
  law('matMul, batched and transposed', product, (given) => {
    const { left, right } = sidesOf(given);
    return {
      shapes: [
        [...given.batch, ...left],
        [...given.batch, ...right],
      ],
      compute: (a, b) => tf.matMul(a, b, given.transposeA, given.transposeB),
    };
  }),
  // TF.js sums no gradient over a batch that was broadcast.
  law('matMul, one matrix for a whole batch', product, (given) => {
    const { left, right } = sidesOf(given);
    return {
      shapes: [[3, ...left], right],
      compute: (a, b) => tf.matMul(a, b, given.transposeA, given.transposeB),
      hasGradients: false,
    };
  }),
  law('dot and outerProduct', sizes(2, 5), ([m, k]) => ({
    shapes: [[m!, k!], [k!]],
    compute: (a, b) => tf.mul(tf.dot(a, b), tf.outerProduct(b as tf.Tensor1D, tf.dot(a, b) as tf.Tensor1D)),
  })),
  law(
    'fused matMul with bias and activation',
    fc.tuple(
      product,
      fc.constantFrom(
        'linear' as const,
        'relu' as const,
        'relu6' as const,
        'elu' as const,
        'sigmoid' as const,
        'leakyrelu' as const,
      ),
    ),
    ([given, activation]) => {
      const { left, right } = sidesOf(given);
      const { transposeA, transposeB, n } = given;
      return {
        shapes: [left, right, [n]],
        compute: (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, activation, transposeA, transposeB }),
        // TF.js differentiates what is fused with these only.
        hasGradients: activation === 'linear' || activation === 'relu',
      };
    },
  ),
  law('attention', sizes(3, 4, 2), ([batch, tokens, width]) => ({
    shapes: Array.from({ length: 3 }, () => [batch!, tokens!, width!]),
    compute: (query, key, value) =>
      tf.matMul(tf.softmax(tf.div(tf.matMul(query, key, false, true), Math.sqrt(width!))), value),
  })),
];

const statistics = fc
  .record({ shape: sizes(4, 4, 2), rank: upTo(4, 2) })
  .map(({ shape, rank }) => shape.slice(0, rank));

/** Of two or three values most of a normalised gradient cancels, and with it most digits. */
const CANCELLING = { tolerance: 5e-4 };

const normalizationLaws: Law[] = [
  law(
    'batchNorm with given statistics',
    statistics,
    (shape) => ({
      shapes: [shape, ...Array.from({ length: 4 }, () => shape.slice(-1))],
      compute: (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, tf.abs(variance), offset, scale, 1e-2),
    }),
    CANCELLING,
  ),
  // TF.js saves the missing scale for the gradient, and fails.
  law('batchNorm without scale or offset', statistics, (shape) => ({
    shapes: [shape, shape.slice(-1), shape.slice(-1)],
    compute: (x, mean, variance) => tf.batchNorm(x, mean, tf.abs(variance), undefined, undefined, 1e-2),
    hasGradients: false,
  })),
  law(
    'batchNorm of a batch, as tfjs-layers trains it',
    statistics,
    (shape) => ({
      shapes: [shape, shape.slice(-1), shape.slice(-1)],
      compute: (x, offset, scale) => {
        const { mean, variance } = tf.moments(
          x,
          shape.slice(0, -1).map((_, i) => i),
        );
        return tf.batchNorm(x, mean, variance, offset, scale, 1e-3);
      },
    }),
    CANCELLING,
  ),
  law(
    'layer norm',
    statistics,
    (shape) => ({
      shapes: [shape, shape.slice(-1), shape.slice(-1)],
      compute: (x, offset, scale) => {
        const { mean, variance } = tf.moments(x, -1, true);
        const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
        return tf.add(tf.mul(normal, scale), offset);
      },
    }),
    CANCELLING,
  ),
  law(
    'group norm',
    sizes(3, 3),
    ([batch, pixels, groups]) => ({
      shapes: [[batch!, pixels!, groups! * 2], [groups! * 2], [groups! * 2]],
      compute: (x, offset, scale) => {
        const grouped = tf.reshape(x, [batch!, pixels!, groups!, 2]);
        const { mean, variance } = tf.moments(grouped, [1, 3], true);
        const normal = tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-2))), x.shape);
        return tf.add(tf.mul(normal, scale), offset);
      },
    }),
    CANCELLING,
  ),
  law('localResponseNormalization', sizes(4, 4), (shape) => ({
    shapes: [shape],
    compute: (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 0.5, 0.75),
  })),
];

const anyMatrix = sizes(2, 6, 2);
const chances = (x: tf.Tensor): tf.Tensor => tf.sigmoid(x);

const losses: [string, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor][] = [
  ['softmaxCrossEntropy', (x, y) => tf.losses.softmaxCrossEntropy(tf.softmax(y), x)],
  [
    'softmaxCrossEntropy with smoothed labels',
    (x, y) => tf.losses.softmaxCrossEntropy(tf.softmax(y), x, undefined, 0.1),
  ],
  [
    'softmaxCrossEntropy of one class each',
    (x, y) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.argMax(y, -1), x.shape[1]!), x),
  ],
  ['sigmoidCrossEntropy', (x, y) => tf.losses.sigmoidCrossEntropy(chances(y), x)],
  [
    'categorical cross-entropy of tfjs-layers',
    (x, y) => {
      const share = tf.clipByValue(tf.softmax(x), 1e-7, 1 - 1e-7);
      return tf.neg(tf.sum(tf.mul(tf.softmax(y), tf.log(share)), -1));
    },
  ],
  ['logLoss', (x, y) => tf.losses.logLoss(chances(y), chances(x))],
  ['meanSquaredError', (x, y) => tf.losses.meanSquaredError(y, x)],
  ['absoluteDifference', (x, y) => tf.losses.absoluteDifference(y, x)],
  ['huberLoss', (x, y) => tf.losses.huberLoss(y, x, undefined, 0.7)],
  ['hingeLoss', (x, y) => tf.losses.hingeLoss(tf.step(y), x)],
  ['cosineDistance', (x, y) => tf.losses.cosineDistance(y, x, 1)],
];

const lossLaws: Law[] = losses.map(([name, compute]) =>
  law(name, anyMatrix, (shape) => ({
    shapes: [shape, shape],
    // The labels are data.
    compute: (x, y) => compute(x, stopGradient(y)),
  })),
);

function stopGradient(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((y) => ({ value: (y as tf.Tensor).clone(), gradFunc: (dy) => tf.zerosLike(dy) }))(x);
}

const reductions: [string, (x: tf.Tensor, axis: number | number[], keepDims: boolean) => tf.Tensor][] = [
  ['sum', tf.sum],
  ['mean', tf.mean],
  ['max', tf.max],
  ['min', tf.min],
  ['prod', tf.prod],
  ['logSumExp', tf.logSumExp],
  ['variance', (x, axis, keepDims) => tf.moments(x, axis, keepDims).variance],
  ['euclidean norm', (x, axis, keepDims) => tf.norm(tf.add(x, 3), 'euclidean', axis, keepDims)],
];
/** A shape and some of its axes, perhaps all, perhaps named from the end. */
const someAxes = anyShape
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray(
        shape.map((_, i) => i),
        { minLength: 1 },
      ),
      fromEnd: fc.boolean(),
      keepDims: fc.boolean(),
    }),
  )
  .map(({ axes, fromEnd, ...given }) => ({
    ...given,
    axes: axes.map((axis) => (fromEnd ? axis - given.shape.length : axis)),
  }));

const reductionLaws: Law[] = [
  ...reductions.map(([name, reduce]) =>
    law(name, someAxes, ({ shape, axes, keepDims }) => ({
      shapes: [shape],
      compute: (x) => reduce(x, name === 'euclidean norm' ? axes[0]! : axes, keepDims),
      // TF.js's gradient of prod works only with its chained API.
      hasGradients: name !== 'prod',
    })),
  ),
  ...(['argMax', 'argMin'] as const).map((name) =>
    law(name, someAxes, ({ shape, axes }) => ({
      shapes: [shape],
      compute: (x) => tf[name](x, axes[0]),
      hasGradients: false,
    })),
  ),
  law('all and any', someAxes, ({ shape, axes, keepDims }) => ({
    shapes: [shape],
    compute: (x) =>
      tf.logicalAnd(tf.any(tf.greater(x, 1), axes, keepDims), tf.logicalNot(tf.all(tf.greater(x, -1), axes, keepDims))),
    hasGradients: false,
  })),
  law('softmax', anyShape, (shape) => ({ shapes: [shape], compute: (x) => tf.softmax(x) })),
  law('logSoftmax', anyShape, (shape) => ({ shapes: [shape], compute: (x) => tf.logSoftmax(x) })),
  law('cumsum', fc.tuple(someAxes, fc.boolean()), ([{ shape, axes, keepDims: exclusive }, reverse]) => {
    const axis = (axes[0]! + shape.length) % shape.length;
    return {
      shapes: [shape],
      compute: (x) => tf.cumsum(x, axis, exclusive, reverse),
      // TF.js's gradient leaves its transposition undone for other axes.
      hasGradients: axis === shape.length - 1,
    };
  }),
  law('cumprod', fc.tuple(someAxes, fc.boolean()), ([{ shape, axes, keepDims: exclusive }, reverse]) => ({
    shapes: [shape],
    compute: (x) => tf.cumprod(x, (axes[0]! + shape.length) % shape.length, exclusive, reverse),
    hasGradients: false,
  })),
  law('topk', anyShape, (shape) => ({
    shapes: [shape],
    compute: (x) => tf.topk(x, shape.at(-1)).values,
    hasGradients: false,
  })),
];

export const linearLaws: Law[] = [...matMulLaws, ...normalizationLaws, ...lossLaws, ...reductionLaws];
