import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type {
  ConcatAttrs,
  ExpandDimsAttrs,
  GatherV2Attrs,
  MirrorPadAttrs,
  OneHotAttrs,
  PackAttrs,
  PadV2Attrs,
  ReshapeAttrs,
  SliceAttrs,
  SplitVAttrs,
  TensorInfo,
  TileAttrs,
  TransposeAttrs,
  UnpackAttrs,
} from '@tensorflow/tfjs-core';
import type { Operand, Shape } from '../../graph/op';
import { sizeOf } from '../../graph/op';
import { axesOf, dtypeOf, input, isNative, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';

export const arrangementKernels: Record<string, Recorder> = {
  Reshape: (call) => {
    const x = input(call, 'x');
    const { shape } = call.attributes as unknown as ReshapeAttrs;
    return view(x, util.inferFromImplicitShape(shape, sizeOf(x.shape)));
  },
  ExpandDims: (call) => {
    const x = input(call, 'input');
    const { dim } = call.attributes as unknown as ExpandDimsAttrs;
    return view(x, withOne(x.shape, dim < 0 ? x.shape.length + dim + 1 : dim));
  },
  Transpose: (call) => {
    const x = input(call, 'x');
    const { perm } = call.attributes as unknown as TransposeAttrs;
    return record(
      'Transpose',
      [x],
      { perm },
      perm.map((axis) => x.shape[axis]!),
      dtypeOf(x),
    );
  },
  Slice: (call) => {
    const x = input(call, 'x');
    const { begin, size } = call.attributes as unknown as SliceAttrs;
    const [from, sizes] = slice_util.parseSliceParams({ shape: [...x.shape] } as TensorInfo, begin, size);
    return cut(x, from!, sizes!);
  },
  Concat: ({ list, attributes }) => join(list, (attributes as unknown as ConcatAttrs).axis),
  Pack: ({ list, attributes }) => {
    const { axis } = attributes as unknown as PackAttrs;
    const at = axis < 0 ? list[0]!.shape.length + axis + 1 : axis;
    return join(
      list.map((x) => view(x, withOne(x.shape, at))),
      at,
    );
  },
  Unpack: (call) => {
    const x = input(call, 'value');
    const [axis] = axesOf((call.attributes as unknown as UnpackAttrs).axis, x.shape);
    const row = x.shape.filter((_, i) => i !== axis);
    return splitAlong(x, axis!, Array<number>(x.shape[axis!]!).fill(1)).map((part) => view(part, row));
  },
  SplitV: (call) => {
    const x = input(call, 'x');
    const { numOrSizeSplits, axis } = call.attributes as unknown as SplitVAttrs;
    const [at] = axesOf(axis, x.shape);
    const sizes = backend_util.prepareSplitSize(
      { shape: [...x.shape] } as Parameters<typeof backend_util.prepareSplitSize>[0],
      numOrSizeSplits,
      at,
    );
    return splitAlong(x, at!, sizes);
  },
  Tile: (call) => {
    const x = input(call, 'x');
    const { reps } = call.attributes as unknown as TileAttrs;
    return record(
      'Tile',
      [x],
      { reps },
      x.shape.map((size, i) => size * reps[i]!),
      dtypeOf(x),
    );
  },
  PadV2: (call) => {
    const x = input(call, 'x');
    const { paddings, constantValue } = call.attributes as unknown as PadV2Attrs;
    const { before, after, shape } = padded(x.shape, paddings);
    return record('PadV2', [x], { before, after, value: constantValue }, shape, dtypeOf(x));
  },
  MirrorPad: (call) => {
    const x = input(call, 'x');
    const { paddings, mode } = call.attributes as unknown as MirrorPadAttrs;
    const { before, after, shape } = padded(x.shape, paddings);
    return mode === 'reflect' ? record('MirrorPad', [x], { before, after }, shape, dtypeOf(x)) : null;
  },
  OneHot: (call) => {
    const indices = input(call, 'indices');
    const { depth, onValue, offValue, dtype } = call.attributes as unknown as OneHotAttrs;
    if (!isNative(dtype) || dtypeOf(indices) !== 'int32') return null;
    return record('OneHot', [indices], { depth, onValue, offValue }, [...indices.shape, depth], dtype);
  },
  GatherV2: gather,
};

function gather(call: KernelCall): Operand | null {
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  const { axis, batchDims } = call.attributes as unknown as GatherV2Attrs;
  if (batchDims !== 0 || dtypeOf(indices) !== 'int32') return null;
  const [at] = axesOf(axis, x.shape);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at! + 1)];
  return record('GatherV2', [x, indices], { axis: at! }, shape, dtypeOf(x));
}

function withOne(shape: Shape, axis: number): Shape {
  return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

function cut(x: Operand, begin: readonly number[], size: readonly number[]): Operand {
  return record('Slice', [x], { begin, size }, size, dtypeOf(x));
}

function splitAlong(x: Operand, axis: number, sizes: readonly number[]): Operand[] {
  let at = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? at : 0));
    at += size;
    return cut(
      x,
      begin,
      x.shape.map((whole, i) => (i === axis ? size : whole)),
    );
  });
}

function join(list: readonly Operand[], axis: number): Operand {
  const [at] = axesOf(axis, list[0]!.shape);
  const shape = backend_util.computeOutShape(
    list.map((x) => [...x.shape]),
    at!,
  );
  return record('Concat', list, { axis: at! }, shape, dtypeOf(list[0]!));
}

function padded(shape: Shape, paddings: readonly (readonly [number, number])[]) {
  const before = paddings.map(([near]) => near);
  const after = paddings.map(([, far]) => far);
  return { before, after, shape: shape.map((size, i) => size + before[i]! + after[i]!) };
}
