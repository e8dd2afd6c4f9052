/** Recorded operations from which kernels are made that need no lowering of their own. */
import type { Dtype, Operand, Shape } from '../../graph/op';
import { makeLeaf, sameShape, sizeOf } from '../../graph/op';
import { broadcast, dtypeOf, record, view } from '../kernel-call';

export function transposed(x: Operand, perm: readonly number[]): Operand {
  if (perm.every((axis, i) => axis === i)) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  return record('Transpose', [x], { perm }, shape, dtypeOf(x));
}

export function sliced(x: Operand, begin: readonly number[], size: Shape): Operand {
  return sameShape(size, x.shape) ? x : record('Slice', [x], { begin, size }, size, dtypeOf(x));
}

export function padded(x: Operand, before: readonly number[], after: readonly number[], value = 0): Operand {
  const shape = x.shape.map((size, axis) => size + before[axis]! + after[axis]!);
  return sameShape(shape, x.shape) ? x : record('PadV2', [x], { before, after, value }, shape, dtypeOf(x));
}

export function elementwise(kernel: 'Add' | 'Multiply' | 'Minimum', a: Operand, b: Operand): Operand {
  return record(kernel, [a, b], {}, broadcast(a.shape, b.shape), dtypeOf(a));
}

export function compared(kernel: 'Less' | 'LessEqual' | 'Greater', a: Operand, b: Operand): Operand {
  return record(kernel, [a, b], {}, broadcast(a.shape, b.shape), 'bool');
}

/** Sums over `axes` and drops them; of booleans it counts those that are true. */
export function summed(x: Operand, axes: readonly number[]): Operand {
  if (axes.length === 0) return x;
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return record('Sum', [x], { axes, keepDims: false }, shape, dtypeOf(x) === 'bool' ? 'int32' : dtypeOf(x));
}

export function casted(x: Operand, to: Dtype): Operand {
  return dtypeOf(x) === to ? x : record('Cast', [x], { to }, x.shape, to);
}

export function rowsAt(x: Operand, indices: Operand): Operand {
  return record('GatherV2', [x, indices], { axis: 0 }, [...indices.shape, ...x.shape.slice(1)], dtypeOf(x));
}

export function int32s(values: readonly number[], shape: Shape = [values.length]): Operand {
  return { op: makeLeaf(Int32Array.from(values), shape, 'int32'), shape };
}

/** [sizeOf(lead), …rest] */
export function flattened(x: Operand, leading: number): Operand {
  return view(x, [sizeOf(x.shape.slice(0, leading)), ...x.shape.slice(leading)]);
}
