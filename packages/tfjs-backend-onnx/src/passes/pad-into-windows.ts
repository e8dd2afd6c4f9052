/** Zeros around an image, made for the window that slides over it: a window can bring its own. */
import type { WindowAttributes } from '../graph/kernels';
import type { Graph, Op, Operand, Shape } from '../graph/op';
import { isKernel, makeOp } from '../graph/op';
import { isWhole } from './fuse-convolution';
import { isReluResult } from './relu-masks';
import { rewrite } from './rewrite';

/**
 * Conv(Pad(x)) → Conv(x), ConvFilterGradient(Pad(x), dy) → ConvFilterGradient(x, dy) and
 * Slice(ConvInputGradient(…)) → ConvInputGradient(…), each with wider padding of its own.
 * MaxPool(Pad(x)) and its gradient likewise where x is a ReLU's result: no maximum is then below the zeros. (Where a
 * window is zero all over, its gradient may go to another zero of x than before, which the ReLU does not let through.)
 */
export function padIntoWindows(graph: Graph): Graph {
  return rewrite(graph, (op) => {
    if (isKernel(op, 'Conv') || isKernel(op, 'ConvFilterGradient')) return withoutPad(op, 0);
    if (isKernel(op, 'MaxPool') && isReluResult(paddedBy(op.inputs[0]!)?.x.op)) return withoutPad(op, 0);
    if (isKernel(op, 'Slice')) return withoutSlice(op);
    return op;
  });
}

interface Padding {
  x: Operand;
  before: readonly number[];
  after: readonly number[];
}

/** What was padded, where it was with zeros and only in space. */
function paddedBy({ op, shape }: Operand): Padding | undefined {
  if (!isKernel(op, 'PadV2') || !isWhole({ op, shape }) || op.attributes.value !== 0) return undefined;
  const { before, after } = op.attributes;
  const ends = [before[0], before.at(-1), after[0], after.at(-1)];
  return ends.every((pad) => pad === 0) ? { x: op.inputs[0]!, before, after } : undefined;
}

function widened(window: WindowAttributes, inShape: Shape, { before, after }: Omit<Padding, 'x'>): WindowAttributes {
  return {
    ...window,
    inShape,
    padsBefore: window.padsBefore.map((pad, i) => pad + before[i + 1]!),
    padsAfter: window.padsAfter.map((pad, i) => pad + after[i + 1]!),
  };
}

function withoutPad(op: Op<'Conv' | 'ConvFilterGradient' | 'MaxPool'>, which: number): Op {
  const padding = paddedBy(op.inputs[which]!);
  if (!padding) return op;
  const inputs = op.inputs.map((input, i) => (i === which ? padding.x : input));
  return makeOp(op.kernel, inputs, widened(op.attributes, padding.x.shape, padding), op.shape, op.dtype);
}

/** The gradient of padding is a slice: of the gradient of the padded tensor, what belongs to x. */
function withoutSlice(op: Op<'Slice'>): Op {
  const [gradient] = op.inputs;
  const { begin, size } = op.attributes;
  const before = begin;
  const after = gradient!.shape.map((n, axis) => n - begin[axis]! - size[axis]!);
  const ends = [before[0], before.at(-1), after[0], after.at(-1)];
  if (!isWhole(gradient!) || !ends.every((pad) => pad === 0)) return op;
  const { op: of } = gradient!;
  if (isKernel(of, 'ConvInputGradient')) {
    const window = widened(of.attributes, op.shape, { before, after });
    return makeOp(of.kernel, of.inputs, window, op.shape, op.dtype);
  }
  if (isKernel(of, 'MaxPoolGradient')) {
    const padding = paddedBy(of.inputs[1]!);
    const isOfPad = padding && String(padding.before) === String(before) && String(padding.after) === String(after);
    if (!isOfPad || !isReluResult(padding.x.op)) return op;
    const window = widened(of.attributes, op.shape, padding);
    return makeOp(of.kernel, [of.inputs[0]!, padding.x, of.inputs[2]!], window, op.shape, op.dtype);
  }
  return op;
}
