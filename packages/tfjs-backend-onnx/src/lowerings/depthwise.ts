/** Convolution of every channel by itself, in standard ONNX: a convolution of as many groups as channels. */
import { sizeOf } from '../graph/op';
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

/** Padding less than the window. The CPU provider is up to twice as fast at it as at a convolution. */
export const depthwiseInputGradientAsConvTranspose: Lowering<'DepthwiseConvInputGradient'> = {
  name: 'portable: ConvTranspose',
  takes: ({ attributes }) => isPaddedLessThanWindow(attributes),
  lower: (op, context) => inputGradientByConvTranspose(op, context, op.attributes.inShape.at(-1)!),
};

/** Any window. */
export const depthwiseInputGradient: Lowering<'DepthwiseConvInputGradient'> = {
  name: 'portable: one convolution a phase',
  lower: (op, context) => inputGradientInPhases(op, context, op.attributes.inShape.at(-1)!),
};

/**
 * Tap by tap: what the tap sees, times dy, summed. As one convolution of as many groups as channels, dy being the
 * filters, it takes fifteen times as long.
 */
export const depthwiseFilterGradient: Lowering<'DepthwiseConvFilterGradient'> = {
  name: 'portable: tap by tap',
  lower(op, context) {
    const { graph } = context;
    const { kernel, strides, dilations, padsBefore, padsAfter, inShape, outShape } = op.attributes;
    const [batch, channels] = [inShape[0]!, inShape.at(-1)!];
    const outs = outShape.slice(1, -1);
    const [x, dy] = op.inputs.map((input) => context.input(input).in('channelsFirst'));
    const padded = graph.node('Pad', [x!, graph.int64([0, 0, ...padsBefore, 0, 0, ...padsAfter])]);
    const filters = graph.reshape(dy!, [batch, channels, outShape.at(-1)! / channels, sizeOf(outs)]);
    const sums = Array.from({ length: sizeOf(kernel) }, (_, k) => {
      const starts = [Math.floor(k / kernel[1]!), k % kernel[1]!].map((tap, i) => tap * dilations[i]!);
      const ends = starts.map((start, i) => start + (outs[i]! - 1) * strides[i]! + 1);
      const window = [starts, ends, [2, 3], strides].map((list) => graph.int64(list));
      const seen = graph.reshape(graph.node('Slice', [padded, ...window]), [batch, channels, 1, sizeOf(outs)]);
      // Over the image and then the batch: two short sums are more exact than a long one.
      const byImage = graph.node('ReduceSum', [graph.node('Mul', [seen, filters]), graph.int64([3])], { keepdims: 0 });
      return graph.node('ReduceSum', [byImage, graph.int64([0])], { keepdims: 0 });
    });
    return result(context, op, graph.reshape(graph.concat(sums, 0), op.shape));
  },
};
