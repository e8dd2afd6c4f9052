import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type {
  ConcatAttrs,
  ExpandDimsAttrs,
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
import type { Recorder } from '../kernel-call';

export const arrangementKernels: Record<string, Recorder> = {
  Reshape: (call) => {
    const x = input(call, 'x');
    const { shape } = call.attributes as unknown as ReshapeAttrs;
    return view(x, util.inferFromImplicitShape(shape, sizeOf(x.shape)));
  },
  ExpandDims: (call) => {
    const x = input(call, 'input');
    const { dim } = call.attributes as unknown as ExpandDimsAttrs;
    const rank = x.shape.length;
    util.assert(dim >= -(rank + 1) && dim <= rank, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    return view(x, withOne(x.shape, dim < 0 ? rank + dim + 1 : dim));
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
    const whole = { shape: [...x.shape] } as TensorInfo;
    const [from, sizes] = slice_util.parseSliceParams(whole, begin, size);
    slice_util.assertParamsValid(whole, from!, sizes!);
    return cut(x, from!, sizes!);
  },
  Concat: ({ list, attributes }) => join(list, (attributes as unknown as ConcatAttrs).axis),
  Pack: ({ list, attributes }) => {
    const { axis } = attributes as unknown as PackAttrs;
    for (const x of list) {
      util.assertShapesMatch(
        [...x.shape],
        [...list[0]!.shape],
        'All tensors passed to stack must have matching shapes',
      );
      util.assert(dtypeOf(x) === dtypeOf(list[0]!), () => 'All tensors passed to stack must have matching dtypes');
    }
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
    return record('MirrorPad', [x], { before, after, mode }, shape, dtypeOf(x));
  },
  OneHot: (call) => {
    const indices = input(call, 'indices');
    const { depth, onValue, offValue, dtype } = call.attributes as unknown as OneHotAttrs;
    if (!isNative(dtype) || dtypeOf(indices) !== 'int32') return null;
    return record('OneHot', [indices], { depth, onValue, offValue }, [...indices.shape, depth], dtype);
  },
};

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
  const shapes = list.map((x) => [...x.shape]);
  backend_util.assertParamsConsistent(shapes, at!);
  const shape = backend_util.computeOutShape(shapes, at!);
  const filled = list.filter((x) => sizeOf(x.shape) > 0);
  if (filled.length > 0 && filled.length < list.length) return join(filled, axis);
  return record('Concat', list, { axis: at! }, shape, dtypeOf(list[0]!));
}

function padded(shape: Shape, paddings: readonly (readonly [number, number])[]) {
  const before = paddings.map(([near]) => near);
  const after = paddings.map(([, far]) => far);
  return { before, after, shape: shape.map((size, i) => size + before[i]! + after[i]!) };
}
