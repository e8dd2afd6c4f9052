/** Kernels whose values are known without computing: they enter the graph as leaves. */
import { backend_util, util } from '@tensorflow/tfjs-core';
import type { DataType, FillAttrs, LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import { isLeaf, makeLeaf, sizeOf } from '../../graph/op';
import type { Operand } from '../../graph/op';
import { input, isNative } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { int32s } from './compose';

export const constantKernels: Record<string, Recorder> = {
  Fill: fill,
  Range: range,
  LinSpace: linSpace,
  BroadcastArgs: broadcastArgs,
};

function fill({ attributes }: KernelCall): Operand | null {
  const { shape, value, dtype } = attributes as unknown as Omit<FillAttrs, 'dtype'> & { dtype?: DataType };
  if (typeof value === 'string') return null;
  const type = dtype ?? util.inferDtype(value);
  if (!isNative(type)) return null;
  const values = util.getArrayFromDType(type, sizeOf(shape)).fill(value);
  return { op: makeLeaf(values, shape, type), shape };
}

function range({ attributes }: KernelCall): Operand | null {
  const { start, stop, step, dtype } = attributes as unknown as RangeAttrs;
  if (!isNative(dtype)) return null;
  // A range that goes down may leave its step out, which TF.js then says as 1.
  const by = stop < start && step === 1 ? -1 : step;
  const count = Math.max(0, Math.ceil((stop - start) / by));
  return byAddingUp(util.makeZerosTypedArray(count, dtype), start, by, dtype);
}

function linSpace({ attributes }: KernelCall): Operand {
  const { start, stop, num } = attributes as unknown as LinSpaceAttrs;
  return byAddingUp(new Float32Array(num), start, (stop - start) / (num - 1), 'float32');
}

/** As tfjs-cpu does, so that the last digits are the same. */
function byAddingUp(
  values: Float32Array | Int32Array | Uint8Array,
  start: number,
  step: number,
  dtype: 'float32' | 'int32' | 'bool',
): Operand {
  const shape = [values.length];
  if (values.length > 0) values[0] = start;
  for (let i = 1; i < values.length; i++) values[i] = values[i - 1]! + step;
  return { op: makeLeaf(values, shape, dtype), shape };
}

/** The shape to which two shapes broadcast, where both are known. */
function broadcastArgs(call: KernelCall): Operand | null {
  const [a, b] = [input(call, 's0').op, input(call, 's1').op];
  if (!isLeaf(a) || !isLeaf(b)) return null;
  return int32s(backend_util.assertAndGetBroadcastShape([...a.value!], [...b.value!]));
}
