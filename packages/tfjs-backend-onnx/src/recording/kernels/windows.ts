/** Convolution and pooling: TF.js works out the windows, here they are put in one form for two and three dimensions. */
import { backend_util } from '@tensorflow/tfjs-core';
import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  Conv3DAttrs,
  Conv3DBackpropFilterV2Attrs,
  Conv3DBackpropInputV2Attrs,
  FusedConv2DAttrs,
  MaxPool3DAttrs,
  MaxPoolAttrs,
} from '@tensorflow/tfjs-core';
import type { WindowAttributes } from '../../graph/kernels';
import type { Operand, Shape } from '../../graph/op';
import { input, isFloat, record } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { finish } from './linear';

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
const four = (shape: Shape): Four => [...shape] as Four;
const five = (shape: Shape): Five => [...shape] as Five;

/** TF.js pads a 3D window that is smaller than its stride by less than nothing; only tfjs-cpu knows what it means. */
function whereSayable(window: WindowAttributes): WindowAttributes | null {
  return [...window.padsBefore, ...window.padsAfter].every((pad) => pad >= 0) ? window : null;
}

function flatWindow(info: ReturnType<typeof backend_util.computeConv2DInfo>): WindowAttributes | null {
  return whereSayable({
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padsBefore: [info.padInfo.top, info.padInfo.left],
    padsAfter: [info.padInfo.bottom, info.padInfo.right],
    inShape: info.inShape,
    outShape: info.outShape,
  });
}

function deepWindow(info: ReturnType<typeof backend_util.computeConv3DInfo>): WindowAttributes | null {
  return whereSayable({
    kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    padsBefore: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    padsAfter: [info.padInfo.back, info.padInfo.bottom, info.padInfo.right],
    inShape: info.inShape,
    outShape: info.outShape,
  });
}

type ConvAttributes2D = Conv2DAttrs & Conv2DBackpropFilterAttrs & Conv2DBackpropInputAttrs;
type ConvAttributes3D = Conv3DAttrs & Conv3DBackpropFilterV2Attrs & Conv3DBackpropInputV2Attrs;

function conv2d(x: Shape, filter: Shape, call: KernelCall): WindowAttributes | null {
  const { strides, dilations, pad, dataFormat, dimRoundingMode } =
    call.attributes as unknown as Partial<ConvAttributes2D>;
  if (dataFormat === 'NCHW') return null;
  const info = backend_util.computeConv2DInfo(four(x), four(filter), strides!, dilations ?? 1, pad!, dimRoundingMode);
  return flatWindow(info);
}

function conv3d(x: Shape, filter: Shape, call: KernelCall): WindowAttributes | null {
  const { strides, dilations, pad, dataFormat } = call.attributes as unknown as Partial<ConvAttributes3D>;
  if (dataFormat === 'NCDHW') return null;
  return deepWindow(backend_util.computeConv3DInfo(five(x), five(filter), strides!, dilations ?? 1, pad!));
}

type WindowOf = (x: Shape, filter: Shape, call: KernelCall) => WindowAttributes | null;

function convolution(windowOf: WindowOf): (call: KernelCall) => Operand | null {
  return (call) => {
    const [x, filter] = [input(call, 'x'), input(call, 'filter')];
    const window = windowOf(x.shape, filter.shape, call);
    return window && isFloat(x) ? record('Conv', [x, filter], window, window.outShape, 'float32') : null;
  };
}

function inputGradient(windowOf: WindowOf): Recorder {
  return (call) => {
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const window = windowOf(call.attributes['inputShape'] as Shape, filter.shape, call);
    return window && record('ConvInputGradient', [dy, filter], window, window.inShape, 'float32');
  };
}

function filterGradient(windowOf: WindowOf): Recorder {
  return (call) => {
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const filterShape = call.attributes['filterShape'] as Shape;
    const window = windowOf(x.shape, filterShape, call);
    return window && record('ConvFilterGradient', [x, dy], window, filterShape, 'float32');
  };
}

function pool2d(x: Shape, call: KernelCall): WindowAttributes | null {
  const { filterSize, strides, pad, dimRoundingMode } = call.attributes as unknown as MaxPoolAttrs;
  return flatWindow(backend_util.computePool2DInfo(four(x), filterSize, strides, 1, pad, dimRoundingMode));
}

function pool3d(x: Shape, call: KernelCall): WindowAttributes | null {
  const { filterSize, strides, pad, dimRoundingMode } = call.attributes as unknown as MaxPool3DAttrs;
  return deepWindow(backend_util.computePool3DInfo(five(x), filterSize, strides, 1, pad, dimRoundingMode));
}

type PoolWindowOf = (x: Shape, call: KernelCall) => WindowAttributes | null;

function pool(kernel: 'MaxPool' | 'AveragePool', windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const x = input(call, 'x');
    if (!isFloat(x) || call.attributes['dataFormat'] === 'NCDHW') return null;
    const window = windowOf(x.shape, call);
    return window && record(kernel, [x], window, window.outShape, 'float32');
  };
}

function poolGradient(windowOf: PoolWindowOf): Recorder {
  return (call) => {
    const [dy, x, pooled] = [input(call, 'dy'), input(call, 'input'), input(call, 'output')];
    const window = windowOf(x.shape, call);
    return window && record('MaxPoolGradient', [dy, x, pooled], window, x.shape, 'float32');
  };
}

export const windowKernels: Record<string, Recorder> = {
  Conv2D: convolution(conv2d),
  FusedConv2D: (call) => {
    const { dataFormat } = call.attributes as unknown as FusedConv2DAttrs;
    const product = dataFormat === 'NHWC' ? convolution(conv2d)(call) : null;
    return product && finish(product, call);
  },
  Conv2DBackpropInput: inputGradient(conv2d),
  Conv2DBackpropFilter: filterGradient(conv2d),
  Conv3D: convolution(conv3d),
  Conv3DBackpropInputV2: inputGradient(conv3d),
  Conv3DBackpropFilterV2: filterGradient(conv3d),
  MaxPool: pool('MaxPool', pool2d),
  MaxPoolGrad: poolGradient(pool2d),
  MaxPool3D: pool('MaxPool', pool3d),
  MaxPool3DGrad: poolGradient(pool3d),
  AvgPool: pool('AveragePool', pool2d),
  AvgPool3D: pool('AveragePool', pool3d),
};
