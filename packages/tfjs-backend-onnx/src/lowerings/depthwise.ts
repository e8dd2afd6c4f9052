/** Convolution of every channel by itself, in standard ONNX: a convolution of as many groups as channels. */
import { plain, result } from './lowering';
import type { Lowering } from './lowering';
import {
  inputGradientByConvTranspose,
  inputGradientInPhases,
  isPaddedLessThanWindow,
  padsOf,
} from './convolution-transposed';

export const depthwiseConv: Lowering<'DepthwiseConv'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const [x, filter] = op.inputs;
    // [h, w, I, M] → [I · M, 1, h, w]
    const weights = graph.reshape(graph.transpose(plain(context, filter!), [2, 3, 0, 1]), [
      window.outShape.at(-1)!,
      1,
      ...window.kernel,
    ]);
    const y = graph.node('Conv', [context.input(x!).in('channelsFirst'), weights], {
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: padsOf(window),
      group: window.inShape.at(-1)!,
    });
    return result(context, op, y, 'channelsFirst');
  },
};

/** Strides, padding less than the window. */
export const depthwiseInputGradientAsConvTranspose: Lowering<'DepthwiseConvInputGradient'> = {
  name: 'portable: ConvTranspose',
  takes: ({ attributes }) => attributes.strides.some((stride) => stride > 1) && isPaddedLessThanWindow(attributes),
  lower: (op, context) => inputGradientByConvTranspose(op, context, op.attributes.inShape.at(-1)!),
};

/** Any window. */
export const depthwiseInputGradient: Lowering<'DepthwiseConvInputGradient'> = {
  name: 'portable: one convolution a phase',
  lower: (op, context) => inputGradientInPhases(op, context, op.attributes.inShape.at(-1)!),
};

/** Batch is what the convolution of one group sums over: x as [1, I · B, H, W], dy as I · M filters of B channels. */
export const depthwiseFilterGradient: Lowering<'DepthwiseConvFilterGradient'> = {
  name: 'portable',
  lower(op, context) {
    const { graph } = context;
    const window = op.attributes;
    const { kernel, inShape, outShape } = window;
    const [batch, channels] = [inShape[0]!, inShape.at(-1)!];
    const [x, dy] = op.inputs.map((input) => graph.transpose(context.input(input).in('channelsFirst'), [1, 0, 2, 3]));
    const images = graph.reshape(x!, [1, channels * batch, ...inShape.slice(1, -1)]);
    const correlation = graph.node('Conv', [images, dy!], {
      kernel_shape: outShape.slice(1, -1),
      strides: window.dilations,
      dilations: window.strides,
      pads: padsOf(window),
      group: channels,
    });
    // A stride's remainder gives more taps than the filter has.
    const taps = graph.reshape(graph.slice(correlation, [0, 0], kernel, [2, 3]), [
      channels,
      outShape.at(-1)! / channels,
      ...kernel,
    ]);
    return result(context, op, graph.transpose(taps, [2, 3, 0, 1]));
  },
};
