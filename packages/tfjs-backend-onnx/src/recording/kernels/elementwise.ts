import type { CastAttrs, ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core';
import {
  COMPARISONS,
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
import { casted } from './compose';

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

/** Of whole numbers TF.js computes in floats and cuts the result, but for Exp, whose result stays one. */
function throughFloat(kernel: Plain): Recorder {
  return (call) => {
    const x = input(call, 'x');
    if (!isNumeric(x)) return null;
    if (kernel === 'Exp') return record('Exp', [x], {}, x.shape, 'float32');
    return casted(record(kernel, [casted(x, 'float32')], {}, x.shape, 'float32'), dtypeOf(x));
  };
}

export const elementwiseKernels: Record<string, Recorder> = {
  ...each(FLOAT_UNARY, (kernel) => throughFloat(kernel)),
  ...each(NUMERIC_UNARY, (kernel) => unary(kernel, isNumeric)),
  ...each(FLOAT_TESTS, (kernel) => unary(kernel, isFloat, 'bool')),
  RealDiv: binary('RealDiv', isFloat),
  Atan2: binary('Atan2', isFloat),
  Pow: binary('Pow', isNumeric),
  Mod: binary('Mod', isNumeric),
  FloorDiv: binary('FloorDiv', isNumeric, ['a', 'b'], 'int32'),
  ...each(NUMERIC_BINARY, (kernel) => binary(kernel, isNumeric)),
  ...each(COMPARISONS, (kernel) => binary(kernel, isAnything, ['a', 'b'], 'bool')),
  ...each(LOGICAL_BINARY, (kernel) => binary(kernel, isBoolean)),
  LogicalNot: unary('LogicalNot', isBoolean),
  EluGrad: binary('EluGrad', isFloat, ['dy', 'y']),
  Prelu: (call) => {
    const [x, alpha] = [input(call, 'x'), input(call, 'alpha')];
    if (!isNumeric(x) || !isFloat(alpha)) return null;
    return record('Prelu', [casted(x, 'float32'), alpha], {}, broadcast(x.shape, alpha.shape), 'float32');
  },
  ZerosLike: unary('ZerosLike', isAnything),
  OnesLike: unary('OnesLike', isAnything),
  AddN: addN,
  LeakyRelu: leakyRelu,
  Step: step,
  ClipByValue: clipByValue,
  Select: select,
  Cast: cast,
  BitwiseAnd: binary('BitwiseAnd', isInteger),
  Identity: (call) => input(call, 'x'),
};

function addN({ list }: KernelCall): Operand | null {
  const [first] = list;
  return list.every(isNumeric) ? record('AddN', list, {}, first!.shape, dtypeOf(first!)) : null;
}

function leakyRelu(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { alpha } = call.attributes as unknown as LeakyReluAttrs;
  return isNumeric(x) ? record('LeakyRelu', [casted(x, 'float32')], { alpha }, x.shape, 'float32') : null;
}

function step(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { alpha = 0 } = call.attributes as unknown as Partial<StepAttrs>;
  if (!isNumeric(x)) return null;
  return casted(record('Step', [casted(x, 'float32')], { alpha }, x.shape, 'float32'), dtypeOf(x));
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
