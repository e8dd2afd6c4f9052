/** Convolution of any rank in standard ONNX, channels first. Right everywhere; the blocked ones beside it are faster. */
import type { WindowAttributes } from '../graph/kernels';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import type { Operand } from '../graph/op';
import { sizeOf } from '../graph/op';
import {
  inputGradientByConvTranspose,
  inputGradientInPhases,
  isPaddedLessThanWindow,
  padsOf,
} from './convolution-transposed';
import { plain, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

/** […kernel, I, O] → [O, I, …kernel] */
function filterOutputFirst(graph: OnnxGraph, filter: Name, rank: number): Name {
  return graph.transpose(filter, [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)]);
}

function convolve(context: LoweringContext, x: Operand, filter: Name, window: WindowAttributes, bias: Name[]): Name {
  const { graph } = context;
  const weights = filterOutputFirst(graph, filter, window.kernel.length);
  return graph.node('Conv', [context.input(x).in('channelsFirst'), weights, ...bias], {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: padsOf(window),
  });
}

export const portableConv: Lowering<'Conv'> = {
  name: 'portable',
  lower(op, context) {
    const [x, filter] = op.inputs;
    return result(context, op, convolve(context, x!, plain(context, filter!), op.attributes, []), 'channelsFirst');
  },
};

export const portableConvBias: Lowering<'ConvBias'> = {
  name: 'portable',
  lower(op, context) {
    const [x, filter, bias] = op.inputs;
    const flatBias = context.graph.reshape(plain(context, bias!), [sizeOf(bias!.shape)]);
    const sum = convolve(context, x!, plain(context, filter!), op.attributes, [flatBias]);
    const activated = op.attributes.relu ? context.graph.node('Relu', [sum]) : sum;
    return result(context, op, activated, 'channelsFirst');
  },
};

/** Turns a filter […kernel, I, O] round in every spatial dimension. */
export function turnFilter(graph: OnnxGraph, filter: Name, window: WindowAttributes): Name {
  const taps = sizeOf(window.kernel);
  const [inChannels, outChannels] = [window.inShape.at(-1)!, window.outShape.at(-1)!];
  const backwards = graph.indices(Array.from({ length: taps }, (_, i) => taps - 1 - i));
  const turned = graph.gather(graph.reshape(filter, [taps, inChannels * outChannels]), backwards, 0);
  return graph.reshape(turned, [...window.kernel, inChannels, outChannels]);
}

/** Stride 1, padding less than the window: a convolution with the turned filter. */
export const inputGradientAsConv: Lowering<'ConvInputGradient'> = {
  name: 'portable: turned filter',
  takes: ({ attributes }) => attributes.strides.every((stride) => stride === 1) && isPaddedLessThanWindow(attributes),
  lower: (op, context) => inputGradientInPhases(op, context, 1),
};

/** Strides in two dimensions, padding less than the window. In three, ConvTranspose is two to five times slower. */
export const inputGradientAsConvTranspose: Lowering<'ConvInputGradient'> = {
  name: 'portable: ConvTranspose',
  takes: ({ attributes }) => attributes.kernel.length === 2 && isPaddedLessThanWindow(attributes),
  lower: (op, context) => inputGradientByConvTranspose(op, context, 1),
};

/** Any window. */
export const inputGradientByPhases: Lowering<'ConvInputGradient'> = {
  name: 'portable: one convolution a phase',
  lower: (op, context) => inputGradientInPhases(op, context, 1),
};

/** x and dy with batch and channels swapped: batch is then what a convolution sums over. */
export const portableFilterGradient: Lowering<'ConvFilterGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const rank = window.kernel.length;
    const spatial = Array.from({ length: rank }, (_, i) => i + 2);
    const swapped = (operand: Operand): Name =>
      graph.transpose(context.input(operand).in('channelsFirst'), [1, 0, ...spatial]);
    const correlation = graph.node('Conv', [swapped(op.inputs[0]!), swapped(op.inputs[1]!)], {
      kernel_shape: window.outShape.slice(1, -1),
      strides: window.dilations,
      dilations: window.strides,
      pads: padsOf(window),
    });
    // A stride's remainder gives more taps than the filter has.
    const taps = graph.slice(
      correlation,
      window.kernel.map(() => 0),
      window.kernel,
      spatial,
    );
    return result(context, op, graph.transpose(taps, [...spatial, 0, 1]));
  },
};
