/** TF.js works out the windows of convolutions and pools; here they are put in one form for two and three dimensions. */
import { backend_util } from '@tensorflow/tfjs-core';
import type { WindowAttributes } from '../../graph/kernels';
import type { Operand } from '../../graph/op';
import { dtypeOf, record } from '../kernel-call';

/** A window over the part of an input that windows reach; what lies around that part is cut off before. */
export interface Placed {
  window: WindowAttributes;
  /** Pixels cut off at either end of each spatial dimension, and the whole input's shape; null where none are. */
  crop: { before: number[]; after: number[]; shape: readonly number[] } | null;
}

export function flatWindow(info: ReturnType<typeof backend_util.computeConv2DInfo>): Placed {
  return place({
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padsBefore: [info.padInfo.top, info.padInfo.left],
    padsAfter: [info.padInfo.bottom, info.padInfo.right],
    inShape: [info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    outShape: [info.batchSize, info.outHeight, info.outWidth, info.outChannels],
  });
}

export function deepWindow(info: ReturnType<typeof backend_util.computeConv3DInfo>): Placed {
  return place({
    kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    padsBefore: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    padsAfter: [info.padInfo.back, info.padInfo.bottom, info.padInfo.right],
    inShape: info.inShape,
    outShape: info.outShape,
  });
}

/**
 * ONNX counts the windows from the sizes, TF.js says how many there are: padding after the input is made such that
 * both agree (TF.js may round up). And TF.js pads a 3D window that is smaller than its stride by less than nothing,
 * which begins inside the input: that is a crop.
 */
function place(window: WindowAttributes): Placed {
  const { kernel, strides, dilations, padsBefore, inShape, outShape } = window;
  const after = window.padsAfter.map((pad, i) => {
    const extent = (kernel[i]! - 1) * dilations[i]! + 1;
    const least = (outShape[i + 1]! - 1) * strides[i]! + extent - inShape[i + 1]! - padsBefore[i]!;
    const most = least + strides[i]! - 1;
    const agreed = Math.min(Math.max(pad, least), most);
    return agreed < 0 ? Math.min(0, most) : agreed;
  });
  const pads = (list: readonly number[]): number[] => list.map((pad) => Math.max(0, pad));
  const crops = (list: readonly number[]): number[] => list.map((pad) => Math.max(0, -pad));
  const crop = { before: crops(padsBefore), after: crops(after), shape: inShape };
  const cropped = inShape.map((size, i) => size - (crop.before[i - 1] ?? 0) - (crop.after[i - 1] ?? 0));
  return {
    window: { ...window, padsBefore: pads(padsBefore), padsAfter: pads(after), inShape: cropped },
    crop: cropped.every((size, i) => size === inShape[i]) ? null : crop,
  };
}

/** The part of x that the windows are over. */
export function reachedPart(x: Operand, { window, crop }: Placed): Operand {
  if (!crop) return x;
  const size = [...window.inShape.slice(0, -1), x.shape.at(-1)!];
  return record('Slice', [x], { begin: [0, ...crop.before, 0], size }, size, dtypeOf(x));
}

/** A gradient of that part as one of the whole input: nothing comes from outside. */
export function asWhole(dx: Operand, { crop }: Placed): Operand {
  if (!crop) return dx;
  const attributes = { before: [0, ...crop.before, 0], after: [0, ...crop.after, 0], value: 0 };
  return record('PadV2', [dx], attributes, crop.shape, dtypeOf(dx));
}
