/**
 * Batch normalisation right before the first convolution learns from two sums over that convolution's input gradient:
 * Σ g and Σ g·x̂. The gradient itself is as large as the input and nobody else reads it, and both sums can be had
 * without it. With g = ConvInputGradient(dy, W), for each input channel:
 *
 *     Σ g·a = Σ W · ConvFilterGradient(a, dy)        a convolution's gradients are adjoint to one another
 *     Σ g   = Σ W · ConvTapSums(dy)                  the same for a = 1
 *
 * and ConvFilterGradient is linear in its input, so that the one for x̂ also gives the one for x̂·scale + offset,
 * which the filter needs anyway. Any window, any number of channels.
 */
import type { WindowAttributes } from '../graph/kernels';
import type { Graph, Op, Operand } from '../graph/op';
import { isKernel, makeOp, sameShape, sizeOf } from '../graph/op';
import { readersOf, rewrite } from './rewrite';

type InputGradient = Op<'ConvInputGradient'>;

export function sumsOfInputGradients(graph: Graph): Graph {
  const summed = gradientsOnlySummed(graph);
  if (summed.size === 0) return graph;
  return rewrite(graph, (op, original) => {
    if (isKernel(op, 'Sum')) return sumWithoutGradient(op, original.inputs[0]!.op, summed) ?? op;
    if (isKernel(op, 'ConvFilterGradient') && sharesDy(original, summed)) {
      const [x, dy] = op.inputs;
      return filterGradient(x!, { dy: dy!, window: op.attributes });
    }
    return op;
  });
}

/** The input gradients that nothing reads but sums over all but the channels, of them or of a product with them. */
function gradientsOnlySummed(graph: Graph): ReadonlySet<Op> {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  const isProduct = (op: Op): boolean =>
    isKernel(op, 'Multiply') && op.inputs.every((input) => sameShape(input.shape, op.shape));
  const isSummed = (op: Op): boolean => !outputs.has(op) && readers.get(op)!.every(isChannelSum);
  const goes = (op: Op): boolean =>
    !outputs.has(op) &&
    readers.get(op)!.every((reader) => isChannelSum(reader) || (isProduct(reader) && isSummed(reader)));
  return new Set(graph.order.filter((op) => isKernel(op, 'ConvInputGradient') && goes(op)));
}

const isChannelSum = (op: Op): boolean => isKernel(op, 'Sum') && sumsAllButChannels(op);

/** [.., C] → [C] */
function sumsAllButChannels({ inputs, attributes, shape }: Op<'Sum'>): boolean {
  const given = inputs[0]!.shape;
  const isEach = attributes.axes.length === given.length - 1 && attributes.axes.every((axis, i) => axis === i);
  return isEach && sameShape(shape, given.slice(-1));
}

/** Whether a filter gradient is of the same convolution as an input gradient that goes. */
function sharesDy(op: Op, summed: ReadonlySet<Op>): boolean {
  const window = JSON.stringify(op.attributes);
  return [...summed].some((g) => g.inputs[0]!.op === op.inputs[1]!.op && JSON.stringify(g.attributes) === window);
}

/** @param summand what the sum was of before anything was rewritten */
function sumWithoutGradient(sum: Op<'Sum'>, summand: Op, summed: ReadonlySet<Op>): Op | null {
  if (!isChannelSum(sum)) return null;
  const { op } = sum.inputs[0]!;
  if (isKernel(op, 'ConvInputGradient')) return summed.has(summand) ? overFilter(op, tapSums(convolutionOf(op))) : null;
  const at = summand.inputs.findIndex((input) => summed.has(input.op));
  if (!isKernel(op, 'Multiply') || at < 0) return null;
  const gradient = op.inputs[at]!.op as InputGradient;
  return overFilter(gradient, filterGradient(op.inputs[1 - at]!, convolutionOf(gradient)));
}

/** Σ over all but the input channels of filter · gradient: [I] */
function overFilter(gradient: InputGradient, ofFilter: Op): Op {
  const [, filter] = gradient.inputs;
  const product = makeOp('Multiply', [filter!, whole(ofFilter)], {}, filter!.shape, 'float32');
  const rank = filter!.shape.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== rank - 2);
  return makeOp('Sum', [whole(product)], { axes, keepDims: false }, [filter!.shape[rank - 2]!], 'float32');
}

interface Convolution {
  dy: Operand;
  window: WindowAttributes;
}

function convolutionOf({ inputs, attributes }: InputGradient): Convolution {
  return { dy: inputs[0]!, window: attributes };
}

const whole = (op: Op): Operand => ({ op, shape: op.shape });

function filterShape({ window, dy }: Convolution): number[] {
  return [...window.kernel, window.inShape.at(-1)!, dy.shape.at(-1)!];
}

function tapSums(convolution: Convolution): Op {
  const { dy, window } = convolution;
  const shape = [...window.kernel, 1, dy.shape.at(-1)!];
  return makeOp('ConvTapSums', [dy], window, shape, 'float32');
}

/** The gradient of the filter for an input x, taken apart where x is an affine function of something per channel. */
function filterGradient(x: Operand, convolution: Convolution): Op {
  const { op } = x;
  const channels = convolution.window.inShape.at(-1)!;
  const combine = (kernel: 'Add' | 'Multiply' | 'RealDiv', a: Op, b: Operand): Op =>
    makeOp(kernel, [whole(a), b], {}, filterShape(convolution), 'float32');
  /** A value per channel beside [.., I, O]. */
  const perChannel = (value: Operand): Operand => ({ op: value.op, shape: [sizeOf(value.shape), 1] });
  const shift = (of: Op, by: Operand): Op =>
    combine('Add', of, whole(combine('Multiply', tapSums(convolution), perChannel(by))));

  if (isKernel(op, 'FusedBatchNorm')) {
    const [values, mean, variance, ...rest] = op.inputs;
    if (!isPerChannel(mean!, channels) || !isPerChannel(variance!, channels)) return plainGradient(x, convolution);
    const { epsilon, hasScale, hasOffset } = op.attributes;
    const centered = makeOp('Sub', [values!, mean!], {}, op.shape, 'float32');
    const inverse = makeOp('InverseDeviation', [variance!], { epsilon }, variance!.shape, 'float32');
    let gradient = combine('Multiply', filterGradient(whole(centered), convolution), perChannel(whole(inverse)));
    if (hasScale) gradient = combine('Multiply', gradient, perChannel(rest[0]!));
    return hasOffset ? shift(gradient, rest[hasScale ? 1 : 0]!) : gradient;
  }
  const [of, by] = op.value === null ? op.inputs : [];
  const isAffine =
    of && by && sameShape(of.shape, op.shape) && isPerChannel(by, channels) && sizeOf(op.shape) > channels;
  if (isAffine && isKernel(op, 'Add')) return shift(filterGradient(of, convolution), by);
  if (isAffine && (isKernel(op, 'Multiply') || isKernel(op, 'RealDiv'))) {
    return combine(op.kernel, filterGradient(of, convolution), perChannel(by));
  }
  return plainGradient(x, convolution);
}

function plainGradient({ op }: Operand, convolution: Convolution): Op {
  const { dy, window } = convolution;
  const x = { op, shape: window.inShape };
  return makeOp('ConvFilterGradient', [x, dy], window, filterShape(convolution), 'float32');
}

function isPerChannel({ shape }: Operand, channels: number): boolean {
  const size = sizeOf(shape);
  return (size === 1 || size === channels) && (shape.at(-1) ?? 1) === size;
}
