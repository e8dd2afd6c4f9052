/** Kernels that read or write at places given by another tensor. */
import { backend_util, util } from '@tensorflow/tfjs-core';
import type {
  BincountAttrs,
  DenseBincountAttrs,
  GatherV2Attrs,
  ScatterNdAttrs,
  SearchSortedAttrs,
  SparseToDenseAttrs,
  TopKAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import type { Operand, Shape } from '../../graph/op';
import { isLeaf, makeLeaf, sizeOf } from '../../graph/op';
import { axesOf, dtypeOf, input, isFloat, isNumeric, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { casted, compared, elementwise, flattened, int32s, rowsAt, sliced, summed } from './compose';

export const indexingKernels: Record<string, Recorder> = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: (call) => written(input(call, 'tensor'), input(call, 'indices'), input(call, 'updates')),
  SparseToDense: sparseToDense,
  UnsortedSegmentSum: unsortedSegmentSum,
  Bincount: bincount,
  DenseBincount: denseBincount,
  SearchSorted: searchSorted,
  TopK: topK,
};

function gather(call: KernelCall): Operand | null {
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  const { axis, batchDims } = call.attributes as unknown as GatherV2Attrs;
  if (dtypeOf(indices) !== 'int32') return null;
  const [at] = axesOf(axis, x.shape);
  refuseOutside(indices, x.shape[at!]!);
  if (batchDims !== 0) return gatherInBatches(x, indices, at!, batchDims);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at! + 1)];
  return record('GatherV2', [x, indices], { axis: at! }, shape, dtypeOf(x));
}

/** Indices whose values are known are checked when TF.js asks, as tfjs-cpu does; ONNX Runtime checks all of them. */
function refuseOutside(indices: Operand, size: number, kernel = 'GatherV2'): void {
  for (const index of indices.op.value ?? []) {
    util.assert(index >= 0 && index < size, () => `${kernel}: the index value ${index} is not in [0, ${size - 1}]`);
  }
}

/** x [batch, outer, size, …], indices [batch, n]: rows of a table of all of x. */
function gatherInBatches(x: Operand, indices: Operand, axis: number, batchDims: number): Operand {
  const info = backend_util.segment_util.collectGatherOpShapeInfo(asTensor(x), asTensor(indices), axis, batchDims);
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
  const starts = int32s(
    Array.from({ length: batchSize * outerSize }, (_, i) => i * dimSize),
    [batchSize, outerSize, 1],
  );
  const each = view(indices, [batchSize, 1, sizeOf(indices.shape) / batchSize]);
  const table = view(x, [batchSize * outerSize * dimSize, sliceSize]);
  return view(rowsAt(table, elementwise('Add', starts, each)), outputShape);
}

function gatherNd(call: KernelCall): Operand | null {
  const [params, indices] = [input(call, 'params'), input(call, 'indices')];
  const [shape] = backend_util.prepareAndValidate(asTensor(params), asTensor(indices));
  const depth = indices.shape.at(-1)!;
  if (depth === 0 || dtypeOf(indices) !== 'int32') return null;
  const places = linearIndices(indices, params.shape.slice(0, depth));
  return view(rowsAt(flattened(params, depth), places), shape);
}

/** [n, depth] indices into axes of these sizes → [n] indices into all of them flattened. */
function linearIndices(indices: Operand, sizes: Shape): Operand {
  const count = sizeOf(indices.shape) / sizes.length;
  const strides = sizes.map((_, axis) => sizeOf(sizes.slice(axis + 1)));
  const places =
    sizes.length === 1
      ? view(indices, [count])
      : summed(elementwise('Multiply', view(indices, [count, sizes.length]), int32s(strides)), [1]);
  if (isLeaf(indices.op)) refuseOutside(int32s(linearValues(indices, strides)), sizeOf(sizes), 'Invalid indices');
  return places;
}

function linearValues(indices: Operand, strides: readonly number[]): number[] {
  const values = indices.op.value!;
  const at = (row: number): number =>
    strides.reduce((sum, stride, axis) => sum + values[row * strides.length + axis]! * stride, 0);
  return Array.from({ length: values.length / strides.length }, (_, row) => at(row));
}

function scatterNd(call: KernelCall): Operand | null {
  const [indices, updates] = [input(call, 'indices'), input(call, 'updates')];
  const { shape } = call.attributes as unknown as ScatterNdAttrs;
  const { sliceRank } = backend_util.calculateShapes(asTensor(updates), asTensor(indices), shape);
  if (!isNumeric(updates) || dtypeOf(indices) !== 'int32' || sliceRank < 1) return null;
  const places = linearIndices(indices, shape.slice(0, sliceRank));
  const rows = view(updates, [places.shape[0]!, ...shape.slice(sliceRank)]);
  return view(segmentSum(rows, places, sizeOf(shape.slice(0, sliceRank))), shape);
}

/** A copy of `tensor` with `updates` written over it; where an index repeats, the last one stays. */
function written(tensor: Operand, indices: Operand, updates: Operand): Operand | null {
  const { shape } = tensor;
  const { sliceRank } = backend_util.calculateShapes(asTensor(updates), asTensor(indices), [...shape]);
  if (dtypeOf(indices) !== 'int32' || dtypeOf(updates) !== dtypeOf(tensor) || sliceRank < 1) return null;
  const places = linearIndices(indices, shape.slice(0, sliceRank));
  const rows = [places.shape[0]!, ...shape.slice(sliceRank)];
  const data = flattened(tensor, sliceRank);
  const inputs = [data, places, sizeOf(updates.shape) === 1 ? repeated(updates, rows) : view(updates, rows)];
  return view(record('ScatterUpdate', inputs, {}, data.shape, dtypeOf(tensor)), shape);
}

/** One value as a tensor of `shape`. */
function repeated(value: Operand, shape: Shape): Operand {
  const one = view(
    value,
    shape.map(() => 1),
  );
  return sizeOf(shape) === 1 ? one : record('Tile', [one], { reps: shape }, shape, dtypeOf(value));
}

function sparseToDense(call: KernelCall): Operand | null {
  const [indices, values] = [input(call, 'sparseIndices'), input(call, 'sparseValues')];
  const { outputShape } = call.attributes as unknown as SparseToDenseAttrs;
  return written(repeated(input(call, 'defaultValue'), outputShape), indices, values);
}

/** The sum of the rows of `updates` that go to each of `rows` places; what goes elsewhere is left out. */
function segmentSum(updates: Operand, places: Operand, rows: number): Operand {
  return record('SegmentSum', [updates, places], { rows }, [rows, ...updates.shape.slice(1)], dtypeOf(updates));
}

function unsortedSegmentSum(call: KernelCall): Operand | null {
  const [x, ids] = [input(call, 'x'), input(call, 'segmentIds')];
  const { numSegments } = call.attributes as unknown as UnsortedSegmentSumAttrs;
  if (!isFloat(x) || dtypeOf(ids) !== 'int32' || ids.shape.length !== 1) return null;
  return segmentSum(x, ids, numSegments);
}

function bincount(call: KernelCall): Operand | null {
  const { size } = call.attributes as unknown as BincountAttrs;
  const x = input(call, 'x');
  return counted(view(x, [sizeOf(x.shape)]), input(call, 'weights'), size);
}

function denseBincount(call: KernelCall): Operand | null {
  const x = input(call, 'x');
  const { size, binaryOutput } = call.attributes as unknown as DenseBincountAttrs;
  const counts = x.shape.length <= 2 ? counted(x, input(call, 'weights'), size) : null;
  // tfjs-cpu heeds binaryOutput in matrices only.
  if (!counts || !binaryOutput || x.shape.length === 1) return counts;
  if (sizeOf(input(call, 'weights').shape) > 0) return null;
  return casted(compared('Greater', counts, constantLike(counts, 0)), dtypeOf(counts));
}

/** How often, or with what weight, each of `size` values is in x [n] or in each row of x [rows, n]. */
function counted(x: Operand, weights: Operand, size: number): Operand | null {
  if (dtypeOf(x) !== 'int32' || !isNumeric(weights)) return null;
  for (const value of x.op.value ?? []) util.assert(value >= 0, () => 'Input x must be non-negative!');
  const [rows, columns] = x.shape.length === 1 ? [1, x.shape[0]!] : [x.shape[0]!, x.shape[1]!];
  const each = sizeOf(weights.shape) > 0 ? weights : constantLike(view(weights, x.shape), 1);
  // A value that is too large goes to the end of its own row, which is then cut off.
  const last = elementwise('Minimum', view(x, [rows, columns]), int32s([size]));
  const starts = int32s(
    Array.from({ length: rows }, (_, row) => row * (size + 1)),
    [rows, 1],
  );
  const places = view(elementwise('Add', last, starts), [rows * columns]);
  const sums = segmentSum(view(each, [rows * columns]), places, rows * (size + 1));
  return view(sliced(view(sums, [rows, size + 1]), [0, 0], [rows, size]), [...x.shape.slice(0, -1), size]);
}

function constantLike({ op: { dtype }, shape }: Operand, value: number): Operand {
  return { op: makeLeaf(util.getArrayFromDType(dtype, sizeOf(shape)).fill(value), shape, dtype), shape };
}

/** More comparisons than this are better left to the binary search of tfjs-cpu. */
const MOST_COMPARISONS = 2 ** 24;

/** How many of the sorted [B, n] are less (left), or not more (right), than each value [B, m]. */
function searchSorted(call: KernelCall): Operand | null {
  const [sorted, values] = [input(call, 'sortedSequence'), input(call, 'values')];
  const { side } = call.attributes as unknown as SearchSortedAttrs;
  const [b, n] = sorted.shape as [number, number];
  const m = values.shape[1]!;
  if (!isNumeric(sorted) || dtypeOf(sorted) !== dtypeOf(values) || b * n * m > MOST_COMPARISONS) return null;
  const kernel = side === 'left' ? 'Less' : 'LessEqual';
  return summed(compared(kernel, view(sorted, [b, 1, n]), view(values, [b, m, 1])), [2]);
}

function topK(call: KernelCall): Operand[] | null {
  const x = input(call, 'x');
  const { k } = call.attributes as unknown as TopKAttrs;
  if (!isNumeric(x)) return null;
  const shape = [...x.shape.slice(0, -1), k];
  return [record('TopKValues', [x], { k }, shape, dtypeOf(x)), record('TopKIndices', [x], { k }, shape, 'int32')];
}

/** TF.js's checks of shapes want tensors. */
function asTensor({ shape, op: { dtype } }: Operand): Parameters<typeof backend_util.prepareAndValidate>[0] {
  return { shape: [...shape], rank: shape.length, dtype } as unknown as ReturnType<typeof asTensor>;
}
