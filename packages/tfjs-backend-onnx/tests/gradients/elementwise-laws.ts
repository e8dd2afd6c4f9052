import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyShape, law, sizes } from './law';
import type { Law, LawOptions } from './law';

const POSITIVE = { range: [0.2, 3] } as const;
const UNIT = { range: [-0.9, 0.9] } as const;

const ofOne: [string, (x: tf.Tensor) => tf.Tensor, LawOptions?][] = [
  ['relu', tf.relu],
  ['relu6', (x) => tf.relu6(tf.mul(x, 5))],
  ['elu', tf.elu],
  ['selu', tf.selu],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.1)],
  ['sigmoid', tf.sigmoid],
  ['hardSigmoid as tfjs-layers says it', (x) => tf.clipByValue(tf.add(0.5, tf.mul(0.2, x)), 0, 1)],
  ['tanh', tf.tanh],
  ['softplus', tf.softplus],
  ['softsign', (x) => tf.div(x, tf.add(tf.abs(x), 1))],
  ['swish', (x) => tf.mul(tf.sigmoid(tf.mul(x, 1.5)), x)],
  ['mish', (x) => tf.mul(x, tf.tanh(tf.softplus(x)))],
  ['gelu', (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))],
  ['gelu, by tanh', (x) => tf.mul(x, tf.sigmoid(tf.mul(1.5957691, tf.add(x, tf.mul(0.044715, tf.pow(x, 3))))))],
  ['exp', tf.exp],
  ['expm1', tf.expm1],
  ['log', tf.log, POSITIVE],
  ['log1p', tf.log1p, POSITIVE],
  ['logSigmoid', tf.logSigmoid],
  ['sqrt', tf.sqrt, POSITIVE],
  ['rsqrt', tf.rsqrt, POSITIVE],
  ['reciprocal', tf.reciprocal, POSITIVE],
  ['square', tf.square],
  ['abs', tf.abs],
  ['neg', tf.neg],
  ['sign', tf.sign],
  ['floor', tf.floor],
  ['ceil', tf.ceil],
  ['round', tf.round],
  ['step', (x) => tf.step(x, 0.3)],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1)],
  ['sin', tf.sin],
  ['cos', tf.cos],
  ['tan', tf.tan, UNIT],
  ['asin', tf.asin, UNIT],
  ['acos', tf.acos, UNIT],
  ['atan', tf.atan],
  ['sinh', tf.sinh],
  ['cosh', tf.cosh],
  ['asinh', tf.asinh],
  ['acosh', (x) => tf.acosh(tf.add(x, 1)), POSITIVE],
  ['atanh', tf.atanh, UNIT],
  ['erf', tf.erf],
  ['cast', (x) => tf.mul(tf.cast(tf.cast(tf.mul(x, 10), 'int32'), 'float32'), x)],
  ['addN', (x) => tf.addN([x, x, tf.neg(x)])],
  ['where', (x) => tf.where(alternating(x.shape), tf.square(x), tf.mul(x, 3))],
  ['where, conditions that broadcast', (x) => tf.where(alternating(x.shape.slice(-1)), tf.square(x), tf.mul(x, 3))],
];

function alternating(shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, i) => i % 2),
    [...shape],
    'bool',
  );
}

/** Shapes that broadcast: one of the two lacks leading axes, or has ones. */
const twoShapes = fc
  .tuple(anyShape, fc.nat(), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([shape, drop, ones, swapped]) => {
    const smaller = shape.map((n, i) => (ones[i] ? 1 : n)).slice(drop % shape.length);
    return swapped ? [smaller, shape] : [shape, smaller];
  });
const twiceOneShape = anyShape.map((shape) => [shape, shape]);

const ofTwo: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, LawOptions?][] = [
  ['add', tf.add],
  ['sub', tf.sub],
  ['mul', tf.mul],
  ['div', tf.div, POSITIVE],
  ['mod', tf.mod, POSITIVE],
  ['pow', tf.pow, POSITIVE],
  ['atan2', tf.atan2, POSITIVE],
  // TF.js gives these gradients only where nothing broadcasts.
  ['maximum', tf.maximum],
  ['minimum', tf.minimum],
  ['squaredDifference', tf.squaredDifference],
];
const WITHOUT_BROADCAST = ['maximum', 'minimum', 'squaredDifference'];

const comparisons: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ['equal', tf.equal],
  ['notEqual', tf.notEqual],
  ['greater', tf.greater],
  ['greaterEqual', tf.greaterEqual],
  ['less', tf.less],
  ['lessEqual', tf.lessEqual],
  ['floorDiv', tf.floorDiv],
  ['divNoNan', tf.divNoNan],
  ['logicalAnd', (a, b) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0))],
  ['logicalOr', (a, b) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0))],
  ['logicalXor', (a, b) => tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0))],
  ['logicalNot', (a) => tf.logicalNot(tf.greater(a, 0))],
  ['isNaN', (a, b) => tf.isNaN(tf.div(tf.round(a), tf.round(b)))],
  ['isFinite', (a, b) => tf.isFinite(tf.div(tf.round(a), tf.round(b)))],
  ['isInf', (a, b) => tf.isInf(tf.div(tf.round(a), tf.round(b)))],
];

export const elementwiseLaws: Law[] = [
  ...ofOne.map(([name, compute, options]) =>
    law(name, anyShape, (shape) => ({ shapes: [shape], compute: compute }), options),
  ),
  ...ofTwo.map(([name, compute, options]) =>
    law(
      name,
      WITHOUT_BROADCAST.includes(name) ? twiceOneShape : twoShapes,
      (shapes) => ({ shapes, compute: compute }),
      options,
    ),
  ),
  ...comparisons.map(([name, compute]) =>
    law(name, twoShapes, (shapes) => ({
      shapes,
      compute: (a, b) => compute(tf.round(a), tf.add(tf.round(b), name === 'floorDiv' ? 2.5 : 0)),
      hasGradients: false,
    })),
  ),
  law('prelu, one slope a channel', anyShape, (shape) => ({
    shapes: [shape, shape.slice(-1)],
    compute: (x, alpha) => tf.prelu(x, alpha),
  })),
  law('prelu, one slope an element', sizes(3, 4), (shape) => ({
    shapes: [shape, shape.slice(1)],
    compute: (x, alpha) => tf.prelu(x, alpha),
  })),
];
