import { backend_util, util } from '@tensorflow/tfjs-core';
import type { DataType } from '@tensorflow/tfjs-core';
import type { Kernel, KernelAttributes } from '../graph/kernels';
import { makeOp } from '../graph/op';
import type { Dtype, Operand, Shape } from '../graph/op';

/** A kernel as TF.js calls it, its tensors turned into operands. */
export interface KernelCall {
  /** By TF.js's names: x, a, b, filter, dy, … */
  readonly inputs: Readonly<Record<string, Operand>>;
  /** In TF.js's order, for kernels that take any number. */
  readonly list: readonly Operand[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Says what a kernel call gives: its operand(s), or null where no lowering is right and tfjs-cpu must answer. */
export type Recorder = (call: KernelCall) => Operand | Operand[] | null;

export function record<K extends Kernel>(
  kernel: K,
  inputs: readonly Operand[],
  attributes: KernelAttributes[K],
  shape: Shape,
  dtype: Dtype,
): Operand {
  return { op: makeOp(kernel, inputs, attributes, shape, dtype), shape };
}

export function input(call: KernelCall, name: string): Operand {
  const operand = call.inputs[name];
  if (!operand) throw new TypeError(`TF.js called a kernel without its input ${name}`);
  return operand;
}

export const dtypeOf = (operand: Operand): Dtype => operand.op.dtype;
export const isFloat = (operand: Operand): boolean => operand.op.dtype === 'float32';
export const isNumeric = (operand: Operand): boolean => operand.op.dtype !== 'bool';

export function asFloat(x: Operand): Operand {
  return isFloat(x) ? x : record('Cast', [x], { to: 'float32' }, x.shape, 'float32');
}

export function broadcast(a: Shape, b: Shape): Shape {
  return backend_util.assertAndGetBroadcastShape([...a], [...b]);
}

/** The same data under another shape. */
export function view(operand: Operand, shape: Shape): Operand {
  return { op: operand.op, shape };
}

export function axesOf(axis: unknown, shape: Shape): number[] {
  return util.parseAxisParam(axis as number | number[], [...shape]);
}

export function isNative(dtype: DataType): dtype is Dtype {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}
