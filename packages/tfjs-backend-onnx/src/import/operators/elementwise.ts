/** Operators that compute each element by itself, whatever the order of the elements. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { whereItLies } from '../operator';
import { DTYPE_OF } from '../element-types';
import { Value } from '../value';

type Unary = (x: Tensor, call: OperatorCall) => Tensor;
type Binary = (a: Tensor, b: Tensor, call: OperatorCall) => Tensor;

const unary =
  (compute: Unary): Operator =>
  (call) =>
    whereItLies(call.input(0), (x) => compute(x, call));

/** Inputs meet channels last where one of them lies so, else in ONNX's order; both broadcast alike. */
export function meet(values: readonly Value[], compute: (tensors: Tensor[]) => Tensor): Value {
  const rank = Math.max(...values.map((value) => value.rank));
  const areLast = values.some((value) => value.liesChannelsLast && value.rank === rank);
  if (!areLast) return Value.of(compute(values.map((value) => value.tensor)));
  return Value.channelsLast(
    compute(
      values.map((value) => (value.size === 1 ? tf.reshape(value.tensor, []) : value.withRank(rank).channelsLast)),
    ),
  );
}

const binary =
  (compute: Binary): Operator =>
  (call) =>
    meet([call.input(0), call.input(1)], ([a, b]) => compute(a!, b!, call));

/** Any number of inputs, two at a time. */
const variadic =
  (compute: Binary, finish: Unary = (x) => x): Operator =>
  (call) =>
    meet(
      call.inputs.map((_, i) => call.input(i)),
      (tensors) =>
        finish(
          tensors.reduce((a, b) => compute(a, b, call)),
          call,
        ),
    );

const half = (x: Tensor): Tensor => tf.mul(x, 0.5);

function gelu(x: Tensor, call: OperatorCall): Tensor {
  if (call.text('approximate', 'none') === 'tanh') {
    const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(half(x), tf.add(tf.tanh(inner), 1));
  }
  return tf.mul(half(x), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function clip(call: OperatorCall): Value {
  const bound = (at: number, name: string, otherwise: number): number =>
    call.numbers(at)?.[0] ?? call.float(name, otherwise);
  const [low, high] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  return whereItLies(call.input(0), (x) => {
    if (low === -Infinity) return tf.minimum(x, high);
    if (high === Infinity) return tf.maximum(x, low);
    return tf.clipByValue(x, low, high);
  });
}

/** Integers are divided towards zero in ONNX, downwards in TF.js. */
function divide(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== 'int32') return tf.div(a, b);
  return tf.cast(truncate(tf.div(tf.cast(a, 'float32'), tf.cast(b, 'float32'))), 'int32');
}

const truncate = (x: Tensor): Tensor => tf.mul(tf.sign(x), tf.floor(tf.abs(x)));

/** The sign of the divisor, or with `fmod` that of the dividend. */
const modulo: Binary = (a, b, call) =>
  call.int('fmod', 0) === 0 ? tf.mod(a, b) : tf.sub(a, tf.mul(truncate(tf.div(a, b)), b));

const xor: Binary = (a, b) => tf.notEqual(a, b);

function cast(call: OperatorCall): Value {
  const dtype = DTYPE_OF[call.int('to', 0)];
  if (!dtype) throw call.unsupported(`element type ${call.int('to', 0)}`);
  return whereItLies(call.input(0), (x) => tf.cast(x, dtype));
}

/** Dropout and the like do nothing once training is over. */
const passes: Operator = (call) => {
  if (call.node.outputs.slice(1).some(Boolean)) throw call.unsupported('the mask of what was dropped');
  return call.input(0);
};

const PASSED: Record<string, Operator> = { Identity: passes, Dropout: passes };

const UNARY: Record<string, Unary> = {
  Relu: (x) => tf.relu(x),
  Sigmoid: (x) => tf.sigmoid(x),
  Tanh: (x) => tf.tanh(x),
  Exp: (x) => tf.exp(x),
  Log: (x) => tf.log(x),
  Sqrt: (x) => tf.sqrt(x),
  Abs: (x) => tf.abs(x),
  Neg: (x) => tf.neg(x),
  Floor: (x) => tf.floor(x),
  Ceil: (x) => tf.ceil(x),
  Round: (x) => tf.round(x),
  Sign: (x) => tf.sign(x),
  Erf: (x) => tf.erf(x),
  Softplus: (x) => tf.softplus(x),
  Softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  Reciprocal: (x) => tf.reciprocal(x),
  Sin: (x) => tf.sin(x),
  Cos: (x) => tf.cos(x),
  Tan: (x) => tf.tan(x),
  Asin: (x) => tf.asin(x),
  Acos: (x) => tf.acos(x),
  Atan: (x) => tf.atan(x),
  Sinh: (x) => tf.sinh(x),
  Cosh: (x) => tf.cosh(x),
  Asinh: (x) => tf.asinh(x),
  Acosh: (x) => tf.acosh(x),
  Atanh: (x) => tf.atanh(x),
  Not: (x) => tf.logicalNot(x),
  IsNaN: (x) => tf.isNaN(x),
  IsInf: (x, call) => {
    if (call.int('detect_negative', 1) !== 1 || call.int('detect_positive', 1) !== 1) {
      throw call.unsupported('one sign of infinity');
    }
    return tf.isInf(x);
  },
  Elu: (x, call) => {
    const alpha = call.float('alpha', 1);
    return alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha));
  },
  Celu: (x, call) => {
    const alpha = call.float('alpha', 1);
    return tf.add(tf.relu(x), tf.mul(tf.expm1(tf.div(tf.minimum(x, 0), alpha)), alpha));
  },
  Selu: (x, call) => {
    const [alpha, gamma] = [call.float('alpha', 1.6732632), call.float('gamma', 1.050701)];
    return tf.mul(tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), alpha)), gamma);
  },
  LeakyRelu: (x, call) => tf.leakyRelu(x, call.float('alpha', 0.01)),
  ThresholdedRelu: (x, call) => tf.mul(x, tf.cast(tf.greater(x, call.float('alpha', 1)), 'float32')),
  HardSigmoid: (x, call) => tf.clipByValue(tf.add(tf.mul(x, call.float('alpha', 0.2)), call.float('beta', 0.5)), 0, 1),
  HardSwish: (x) => tf.mul(x, tf.clipByValue(tf.add(tf.div(x, 6), 0.5), 0, 1)),
  Mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  Gelu: gelu,
};

const BINARY: Record<string, Binary> = {
  Sub: (a, b) => tf.sub(a, b),
  Mul: (a, b) => tf.mul(a, b),
  Add: (a, b) => tf.add(a, b),
  Div: divide,
  Pow: (a, b) => tf.pow(a, tf.cast(b, a.dtype)),
  Mod: modulo,
  And: (a, b) => tf.logicalAnd(a, b),
  Or: (a, b) => tf.logicalOr(a, b),
  Xor: xor,
  Equal: (a, b) => tf.equal(a, b),
  Greater: (a, b) => tf.greater(a, b),
  GreaterOrEqual: (a, b) => tf.greaterEqual(a, b),
  Less: (a, b) => tf.less(a, b),
  LessOrEqual: (a, b) => tf.lessEqual(a, b),
  PRelu: (x, slope) => tf.add(tf.relu(x), tf.mul(slope, tf.minimum(x, 0))),
};

const mapped = <T>(table: Record<string, T>, toOperator: (entry: T) => Operator): Record<string, Operator> =>
  Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, toOperator(entry)]));

export const elementwiseOperators: Record<string, Operator> = {
  ...PASSED,
  ...mapped(UNARY, unary),
  ...mapped(BINARY, binary),
  Clip: clip,
  Cast: cast,
  CastLike: (call) => whereItLies(call.input(0), (x) => tf.cast(x, call.input(1).dtype)),
  Max: variadic((a, b) => tf.maximum(a, b)),
  Min: variadic((a, b) => tf.minimum(a, b)),
  Sum: variadic((a, b) => tf.add(a, b)),
  Mean: variadic(
    (a, b) => tf.add(a, b),
    (sum, call) => tf.div(sum, call.inputs.length),
  ),
  Where: (call) =>
    meet([call.input(0), call.input(1), call.input(2)], ([condition, then, otherwise]) =>
      tf.where(condition!, then!, otherwise!),
    ),
};
