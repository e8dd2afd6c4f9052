import type { CastAttrs, ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core';
import {
  COMPARISONS,
  FLOAT_BINARY,
  FLOAT_TESTS,
  FLOAT_UNARY,
  LOGICAL_BINARY,
  NUMERIC_BINARY,
  NUMERIC_UNARY,
} from '../../graph/kernels';
import type { Kernel, KernelAttributes } from '../../graph/kernels';
import type { Dtype, Operand } from '../../graph/op';
import { broadcast, dtypeOf, input, isFloat, isNative, isNumeric, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';

type Accepts = (operand: Operand) => boolean;
type Plain = { [K in Kernel]: KernelAttributes[K] extends Record<string, never> ? K : never }[Kernel];

/** A kernel of one tensor; `accepts` says for which dtypes ONNX computes the same as TF.js. */
function unary(kernel: Plain, accepts: Accepts, dtype?: Dtype): Recorder {
  return (call) => {
    const x = input(call, 'x');
    return accepts(x) ? record(kernel, [x], {}, x.shape, dtype ?? dtypeOf(x)) : null;
  };
}

/** A kernel of two tensors that broadcast; TF.js has made their dtypes equal. */
function binary(kernel: Plain, accepts: Accepts, names: [string, string] = ['a', 'b'], dtype?: Dtype): Recorder {
  return (call) => {
    const [a, b] = [input(call, names[0]), input(call, names[1])];
    if (!accepts(a) || dtypeOf(a) !== dtypeOf(b)) return null;
    return record(kernel, [a, b], {}, broadcast(a.shape, b.shape), dtype ?? dtypeOf(a));
  };
}

const isBoolean: Accepts = (operand) => dtypeOf(operand) === 'bool';
const isInteger: Accepts = (operand) => dtypeOf(operand) === 'int32';
const isAnything: Accepts = () => true;

function each(kernels: readonly Plain[], recorder: (kernel: Plain) => Recorder): Record<string, Recorder> {
  return Object.fromEntries(kernels.map((kernel) => [kernel, recorder(kernel)]));
}

const isTwoSided = (kernel: Plain): kernel is 'EluGrad' | 'Prelu' => kernel === 'EluGrad' || kernel === 'Prelu';

export const elementwiseKernels: Record<string, Recorder> = {
  ...each(FLOAT_UNARY, (kernel) => unary(kernel, isFloat)),
  ...each(NUMERIC_UNARY, (kernel) => unary(kernel, isNumeric)),
  ...each(FLOAT_TESTS, (kernel) => unary(kernel, isFloat, 'bool')),
  ...each(
    FLOAT_BINARY.filter((kernel) => !isTwoSided(kernel)),
    (kernel) => binary(kernel, isFloat),
  ),
  ...each(NUMERIC_BINARY, (kernel) => binary(kernel, isNumeric)),
  ...each(COMPARISONS, (kernel) => binary(kernel, isAnything, ['a', 'b'], 'bool')),
  ...each(LOGICAL_BINARY, (kernel) => binary(kernel, isBoolean)),
  LogicalNot: unary('LogicalNot', isBoolean),
  EluGrad: binary('EluGrad', isFloat, ['dy', 'y']),
  Prelu: binary('Prelu', isFloat, ['x', 'alpha']),
  ZerosLike: unary('ZerosLike', isAnything),
  OnesLike: unary('OnesLike', isAnything),
  FloorDiv: floorDiv,
  AddN: addN,
  LeakyRelu: leakyRelu,
  Step: step,
  ClipByValue: clipByValue,
  Select: select,
  Cast: cast,
  BitwiseAnd: binary('BitwiseAnd', isInteger),
  Identity: (call) => input(call, 'x'),
};

/** TF.js gives whole numbers as int32, of floats too. */
function floorDiv(call: KernelCall): Operand | null {
  const quotient = binary('FloorDiv', isFloat)(call) as Operand | null;
  return quotient && record('Cast', [quotient], { to: 'int32' }, quotient.shape, 'int32');
}

function addN({ list }: KernelCall): Operand | null {
  const [first] = list;
  return list.every(isNumeric) ? record('AddN', list, {}, first!.shape, dtypeOf(first!)) : null;
}

function leakyRelu(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { alpha } = call.attributes as unknown as LeakyReluAttrs;
  return isFloat(x) ? record('LeakyRelu', [x], { alpha }, x.shape, 'float32') : null;
}

function step(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { alpha = 0 } = call.attributes as unknown as Partial<StepAttrs>;
  return isFloat(x) ? record('Step', [x], { alpha }, x.shape, 'float32') : null;
}

function clipByValue(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { clipValueMin: min, clipValueMax: max } = call.attributes as unknown as ClipByValueAttrs;
  const attributes = { min, max };
  return isNumeric(x) ? record('ClipByValue', [x], attributes, x.shape, dtypeOf(x)) : null;
}

function select(call: KernelCall): Operand | null {
  const [condition, then, otherwise] = [input(call, 'condition'), input(call, 't'), input(call, 'e')];
  if (dtypeOf(then) !== dtypeOf(otherwise) || dtypeOf(condition) !== 'bool') return null;
  return record('Select', [condition, then, otherwise], {}, then.shape, dtypeOf(then));
}

function cast(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { dtype } = call.attributes as unknown as CastAttrs;
  if (!isNative(dtype)) return null;
  return dtype === dtypeOf(x) ? view(x, x.shape) : record('Cast', [x], { to: dtype }, x.shape, dtype);
}
