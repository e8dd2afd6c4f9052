/** Kernels that walk through a tensor in another way: backwards, by strides, or with blocks of space as batches. */
import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type {
  BatchToSpaceNDAttrs,
  DepthToSpaceAttrs,
  ReverseAttrs,
  SpaceToBatchNDAttrs,
  StridedSliceAttrs,
} from '@tensorflow/tfjs-core';
import type { Operand } from '../../graph/op';
import { makeLeaf, sizeOf } from '../../graph/op';
import { axesOf, dtypeOf, input, record, view } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { int32s, padded, sliced, transposed } from './compose';

export const spaceKernels: Record<string, Recorder> = {
  Reverse: (call) => {
    const x = input(call, 'x');
    const { dims } = call.attributes as unknown as ReverseAttrs;
    return reversed(x, axesOf(dims, x.shape));
  },
  StridedSlice: stridedSlice,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  Diag: diagonal,
};

/** Backwards along `axes`. */
export function reversed(x: Operand, axes: readonly number[]): Operand {
  const turned = axes.filter((axis) => x.shape[axis]! > 1);
  if (turned.length === 0) return view(x, x.shape);
  const strides = x.shape.map((_, axis) => (turned.includes(axis) ? -1 : 1));
  const begin = x.shape.map((size, axis) => (turned.includes(axis) ? size - 1 : 0));
  const end = x.shape.map((size, axis) => (turned.includes(axis) ? -1 : size));
  return record('StridedSlice', [x], { begin, end, strides }, x.shape, dtypeOf(x));
}

function stridedSlice(call: KernelCall): Operand {
  const x = input(call, 'x');
  const given = call.attributes as unknown as StridedSliceAttrs;
  const { finalShapeSparse, finalShape, isIdentity, begin, end, strides } = slice_util.sliceInfo(
    [...x.shape],
    given.begin,
    given.end,
    given.strides,
    given.beginMask,
    given.endMask,
    given.ellipsisMask,
    given.newAxisMask,
    given.shrinkAxisMask,
  );
  if (isIdentity) return view(x, finalShape);
  const part = record('StridedSlice', [x], { begin, end, strides }, finalShapeSparse, dtypeOf(x));
  return view(part, finalShape);
}

/** [B, …space, …] → [blocks · B, …space / block, …] */
function spaceToBatch(call: KernelCall): Operand {
  const x = input(call, 'x');
  const { blockShape, paddings } = call.attributes as unknown as SpaceToBatchNDAttrs;
  const rest = x.shape.slice(1 + blockShape.length).map(() => [0, 0]);
  const pads = [[0, 0], ...paddings, ...rest];
  const whole = padded(
    x,
    pads.map(([before]) => before!),
    pads.map(([, after]) => after!),
  );
  const blocks = sizeOf(blockShape);
  const split = backend_util.getReshaped([...whole.shape], blockShape, blocks, false);
  const perm = backend_util.getPermuted(split.length, blockShape.length, false);
  const shape = backend_util.getReshapedPermuted([...whole.shape], blockShape, blocks, false);
  return view(transposed(view(whole, split), perm), shape);
}

/** [blocks · B, …space, …] → [B, …space · block, …], cropped */
function batchToSpace(call: KernelCall): Operand {
  const x = input(call, 'x');
  const { blockShape, crops } = call.attributes as unknown as BatchToSpaceNDAttrs;
  const blocks = sizeOf(blockShape);
  const split = backend_util.getReshaped([...x.shape], blockShape, blocks);
  const perm = backend_util.getPermuted(split.length, blockShape.length);
  const shape = backend_util.getReshapedPermuted([...x.shape], blockShape, blocks);
  const whole = view(transposed(view(x, split), perm), shape);
  const begin = backend_util.getSliceBeginCoords(crops, blockShape.length);
  const size = backend_util.getSliceSize(shape, crops, blockShape.length);
  const rest = shape.slice(size.length);
  return sliced(whole, [...begin.slice(0, size.length), ...rest.map(() => 0)], [...size, ...rest]);
}

/** [B, H, W, b·b·C] → [B, H·b, W·b, C] */
function depthToSpace(call: KernelCall): Operand {
  const x = input(call, 'x');
  const { blockSize: block, dataFormat } = call.attributes as unknown as DepthToSpaceAttrs;
  util.assert(dataFormat === 'NHWC', () => `Only NHWC dataFormat supported for depthToSpace. Got ${dataFormat}`);
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const depth = c / (block * block);
  const split = view(x, [b, h, w, block, block, depth]);
  return view(transposed(split, [0, 1, 3, 2, 4, 5]), [b, h * block, w * block, depth]);
}

/** Zeros, with x on the diagonal: of [n] values [n, n], of a tensor its shape twice. */
function diagonal(call: KernelCall): Operand {
  const x = input(call, 'x');
  const n = sizeOf(x.shape);
  const places = int32s(Array.from({ length: n }, (_, i) => i));
  const isOn = record('Equal', [view(places, [n, 1]), view(places, [1, n])], {}, [n, n], 'bool');
  const zero = { op: makeLeaf(util.getArrayFromDType(dtypeOf(x), 1), [1, 1], dtypeOf(x)), shape: [1, 1] };
  const matrix = record('Select', [isOn, view(x, [n, 1]), zero], {}, [n, n], dtypeOf(x));
  return view(matrix, [...x.shape, ...x.shape]);
}
