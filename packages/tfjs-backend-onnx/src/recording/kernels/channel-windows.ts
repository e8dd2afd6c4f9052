/** Windows over every channel by itself: depthwise convolution, pools, dilation, and their gradients. */
import { backend_util } from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeAttrs,
  Dilation2DAttrs,
  MaxPool3DAttrs,
  MaxPoolAttrs,
  MaxPoolWithArgmaxAttrs,
} from '@tensorflow/tfjs-core';
import type { WindowAttributes } from '../../graph/kernels';
import type { Operand, Shape } from '../../graph/op';
import { asFloat, dtypeOf, input, isFloat, record } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { finish } from './linear';
import { asWhole, deepWindow, flatWindow, reachedPart } from './window-geometry';
import type { Placed } from './window-geometry';

type Three = [number, number, number];
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
const four = (shape: Shape): Four => [...shape] as Four;

// ── depthwise convolution ───────────────────────────────────────────────────────────────────────────────────────

/** TF.js ignores `dataFormat` here: channels are always last. */
function depthwise(x: Shape, filter: Shape, call: KernelCall): Placed {
  const { strides, dilations, pad, dimRoundingMode } =
    call.attributes as unknown as Partial<DepthwiseConv2dNativeAttrs>;
  const [images, weights] = [four(x), four(filter)];
  return flatWindow(
    backend_util.computeConv2DInfo(images, weights, strides!, dilations ?? 1, pad!, dimRoundingMode ?? undefined, true),
  );
}

function depthwiseConvolution(call: KernelCall): Operand | null {
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  if (!isFloat(x) || !isFloat(filter)) return null;
  const placed = depthwise(x.shape, filter.shape, call);
  const { window } = placed;
  return record('DepthwiseConv', [reachedPart(x, placed), filter], window, window.outShape, 'float32');
}

function depthwiseInputGradient(call: KernelCall): Operand | null {
  const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
  if (!isFloat(dy) || !isFloat(filter)) return null;
  const placed = depthwise(call.attributes['inputShape'] as Shape, filter.shape, call);
  const { window } = placed;
  return asWhole(record('DepthwiseConvInputGradient', [dy, filter], window, window.inShape, 'float32'), placed);
}

function depthwiseFilterGradient(call: KernelCall): Operand | null {
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  if (!isFloat(x) || !isFloat(dy)) return null;
  const filterShape = call.attributes['filterShape'] as Shape;
  const placed = depthwise(x.shape, filterShape, call);
  return record('DepthwiseConvFilterGradient', [reachedPart(x, placed), dy], placed.window, filterShape, 'float32');
}

// ── pools ───────────────────────────────────────────────────────────────────────────────────────────────────────

type PoolWindowOf = (x: Shape, call: KernelCall) => Placed | null;

/** ONNX has no pool with windows that see nothing but padding. */
function whereSomethingIsSeen(placed: Placed): Placed | null {
  const { kernel, padsBefore, padsAfter } = placed.window;
  return kernel.every((size, i) => padsBefore[i]! < size && padsAfter[i]! < size) ? placed : null;
}

function pool2d(x: Shape, call: KernelCall): Placed | null {
  const { filterSize, strides, pad, dimRoundingMode } = call.attributes as unknown as MaxPoolAttrs;
  const info = backend_util.computePool2DInfo(four(x), filterSize, strides, 1, pad, dimRoundingMode ?? undefined);
  return whereSomethingIsSeen(flatWindow(info));
}

function pool3d(x: Shape, call: KernelCall): Placed | null {
  const { filterSize, strides, pad, dimRoundingMode } = call.attributes as unknown as MaxPool3DAttrs;
  const images = [...x] as Five;
  const info = backend_util.computePool3DInfo(images, filterSize, strides, 1, pad, dimRoundingMode ?? undefined);
  return whereSomethingIsSeen(deepWindow(info));
}

function averagePool(windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const x = input(call, 'x');
    const placed = isFloat(x) ? windowOf(x.shape, call) : null;
    return placed && record('AveragePool', [reachedPart(x, placed)], placed.window, placed.window.outShape, 'float32');
  };
}

/** Whole numbers are pooled as float32, which holds those up to 2²⁴. */
function maxPool(windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const x = input(call, 'x');
    const placed = windowOf(x.shape, call);
    if (!placed) return null;
    const { outShape } = placed.window;
    const pooled = record('MaxPool', [reachedPart(asFloat(x), placed)], placed.window, outShape, 'float32');
    const dtype = dtypeOf(x);
    return dtype === 'float32' ? pooled : record('Cast', [pooled], { to: dtype }, outShape, dtype);
  };
}

function maxPoolWithArgmax(call: KernelCall): Operand[] | null {
  const x = input(call, 'x');
  const placed = isFloat(x) ? pool2d(x.shape, call) : null;
  // Places would be counted in the cropped image.
  if (!placed || placed.crop) return null;
  const { window } = placed;
  const { includeBatchInIndex } = call.attributes as unknown as MaxPoolWithArgmaxAttrs;
  const places = { ...window, withBatch: includeBatchInIndex };
  return [
    record('MaxPool', [x], window, window.outShape, 'float32'),
    record('MaxPoolPlaces', [x], places, window.outShape, 'int32'),
  ];
}

function maxPoolGradient(windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const [dy, x, pooled] = [input(call, 'dy'), input(call, 'input'), input(call, 'output')];
    const placed = isFloat(x) && isFloat(dy) ? windowOf(x.shape, call) : null;
    if (!placed) return null;
    const { window } = placed;
    const inputs = [dy, reachedPart(x, placed), pooled];
    return asWhole(record('MaxPoolGradient', inputs, window, window.inShape, 'float32'), placed);
  };
}

function averagePoolGradient(windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const [dy, x] = [input(call, 'dy'), input(call, 'input')];
    const placed = isFloat(dy) ? windowOf(x.shape, call) : null;
    if (!placed) return null;
    const { window } = placed;
    return asWhole(record('AveragePoolGradient', [dy], window, window.inShape, 'float32'), placed);
  };
}

// ── dilation ────────────────────────────────────────────────────────────────────────────────────────────────────

function dilation2d(call: KernelCall): { window: WindowAttributes; inputs: Operand[] } | null {
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  const { strides, pad, dilations } = call.attributes as unknown as Dilation2DAttrs;
  const shape = [...filter.shape] as Three;
  const info = backend_util.computeDilation2DInfo(four(x.shape), shape, strides, pad, 'NHWC', dilations);
  const placed = flatWindow(info);
  if (!isFloat(x) || !isFloat(filter) || placed.crop) return null;
  return { window: placed.window, inputs: [x, filter] };
}

function dilationGradient(kernel: 'DilationInputGradient' | 'DilationFilterGradient', of: 'x' | 'filter'): Recorder {
  return (call) => {
    const dilation = dilation2d(call);
    const inputs = dilation && [...dilation.inputs, input(call, 'dy')];
    return inputs && record(kernel, inputs, dilation.window, input(call, of).shape, 'float32');
  };
}

export const channelWindowKernels: Record<string, Recorder> = {
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2D: (call) => {
    const product = depthwiseConvolution(call);
    return product && finish(product, call);
  },
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  MaxPool: maxPool(pool2d),
  MaxPoolGrad: maxPoolGradient(pool2d),
  MaxPoolWithArgmax: maxPoolWithArgmax,
  MaxPool3D: maxPool(pool3d),
  MaxPool3DGrad: maxPoolGradient(pool3d),
  AvgPool: averagePool(pool2d),
  AvgPoolGrad: averagePoolGradient(pool2d),
  AvgPool3D: averagePool(pool3d),
  AvgPool3DGrad: averagePoolGradient(pool3d),
  Dilation2D: (call) => {
    const dilation = dilation2d(call);
    return dilation && record('Dilation', dilation.inputs, dilation.window, dilation.window.outShape, 'float32');
  },
  Dilation2DBackpropInput: dilationGradient('DilationInputGradient', 'x'),
  Dilation2DBackpropFilter: dilationGradient('DilationFilterGradient', 'filter'),
};
