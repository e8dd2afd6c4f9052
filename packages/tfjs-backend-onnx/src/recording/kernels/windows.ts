/** Convolution of all channels together. */
import { backend_util } from '@tensorflow/tfjs-core';
import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  Conv3DAttrs,
  Conv3DBackpropFilterV2Attrs,
  Conv3DBackpropInputV2Attrs,
} from '@tensorflow/tfjs-core';
import { sameShape } from '../../graph/op';
import type { Operand, Shape } from '../../graph/op';
import { input, isFloat, record } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';
import { finish } from './linear';
import { asWhole, deepWindow, flatWindow, reachedPart } from './window-geometry';
import type { Placed } from './window-geometry';

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

type Attributes2D = Conv2DAttrs & Conv2DBackpropFilterAttrs & Conv2DBackpropInputAttrs;
type Attributes3D = Conv3DAttrs & Conv3DBackpropFilterV2Attrs & Conv3DBackpropInputV2Attrs;

type WindowOf = (x: Shape, filter: Shape, call: KernelCall) => Placed;

function conv2d(x: Shape, filter: Shape, call: KernelCall): Placed {
  const { strides, dilations, pad, dataFormat, dimRoundingMode } = call.attributes as unknown as Partial<Attributes2D>;
  const format = backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC');
  const [images, weights] = [[...x] as Four, [...filter] as Four];
  return flatWindow(
    backend_util.computeConv2DInfo(
      images,
      weights,
      strides!,
      dilations ?? 1,
      pad!,
      dimRoundingMode ?? undefined,
      false,
      format,
    ),
  );
}

function conv3d(x: Shape, filter: Shape, call: KernelCall): Placed {
  const { strides, dilations, pad } = call.attributes as unknown as Partial<Attributes3D>;
  const [images, weights] = [[...x] as Five, [...filter] as Five];
  return deepWindow(backend_util.computeConv3DInfo(images, weights, strides!, dilations ?? 1, pad!));
}

const isChannelsFirst = (call: KernelCall): boolean => call.attributes['dataFormat'] === 'NCHW';

function transposed(x: Operand, perm: readonly number[]): Operand {
  const shape = perm.map((axis) => x.shape[axis]!);
  return record('Transpose', [x], { perm }, shape, 'float32');
}

/** Images as the graph has them. */
const channelsLast = (x: Operand, call: KernelCall): Operand =>
  isChannelsFirst(call) ? transposed(x, [0, 2, 3, 1]) : x;
/** Images as the call has them. */
const asCalled = (x: Operand, call: KernelCall): Operand => (isChannelsFirst(call) ? transposed(x, [0, 3, 1, 2]) : x);

/** The convolution of a call, channels last. */
function convolve(call: KernelCall, windowOf: WindowOf): Operand | null {
  const [x, filter] = [input(call, 'x'), input(call, 'filter')];
  if (!isFloat(x) || !isFloat(filter)) return null;
  const placed = windowOf(x.shape, filter.shape, call);
  const { window } = placed;
  return record('Conv', [reachedPart(channelsLast(x, call), placed), filter], window, window.outShape, 'float32');
}

function convolution(windowOf: WindowOf): Recorder {
  return (call) => {
    const y = convolve(call, windowOf);
    return y && asCalled(y, call);
  };
}

/** What is added to, or multiplied with, images that have their channels first, such as [C, 1, 1], for channels last. */
function alongside(operand: Operand | undefined, call: KernelCall): Operand | undefined {
  const isImage = isChannelsFirst(call) && operand?.shape.length === 3;
  return isImage ? transposed(operand, [1, 2, 0]) : operand;
}

function fusedConvolution(call: KernelCall): Operand | null {
  const product = convolve(call, conv2d);
  const others = ['bias', 'preluActivationWeights'].flatMap((name) => {
    const operand = alongside(call.inputs[name], call);
    return operand ? [[name, operand]] : [];
  });
  const inputs = { ...call.inputs, ...(Object.fromEntries(others) as Record<string, Operand>) };
  const finished = product && finish(product, { ...call, inputs });
  return finished && asCalled(finished, call);
}

/** A transposed convolution may be given more than the windows that its output has: tfjs-cpu reads the first of them. */
function asManyAs(windows: Shape, dy: Operand): Operand | null {
  if (windows.some((size, i) => dy.shape[i]! < size)) return null;
  if (sameShape(windows, dy.shape)) return dy;
  return record('Slice', [dy], { begin: windows.map(() => 0), size: windows }, windows, 'float32');
}

function inputGradient(windowOf: WindowOf): Recorder {
  return (call) => {
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    if (!isFloat(dy) || !isFloat(filter)) return null;
    const placed = windowOf(call.attributes['inputShape'] as Shape, filter.shape, call);
    const { window } = placed;
    const windows = asManyAs(window.outShape, channelsLast(dy, call));
    if (!windows) return null;
    const dx = record('ConvInputGradient', [windows, filter], window, window.inShape, 'float32');
    return asCalled(asWhole(dx, placed), call);
  };
}

function filterGradient(windowOf: WindowOf): Recorder {
  return (call) => {
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    if (!isFloat(x) || !isFloat(dy)) return null;
    const filterShape = call.attributes['filterShape'] as Shape;
    const placed = windowOf(x.shape, filterShape, call);
    const inputs = [reachedPart(channelsLast(x, call), placed), channelsLast(dy, call)];
    return record('ConvFilterGradient', inputs, placed.window, filterShape, 'float32');
  };
}

export const windowKernels: Record<string, Recorder> = {
  Conv2D: convolution(conv2d),
  FusedConv2D: fusedConvolution,
  Conv2DBackpropInput: inputGradient(conv2d),
  Conv2DBackpropFilter: filterGradient(conv2d),
  Conv3D: convolution(conv3d),
  Conv3DBackpropInputV2: inputGradient(conv3d),
  Conv3DBackpropFilterV2: filterGradient(conv3d),
};
