import type { Graph, Op, Operand } from '../graph/op';
import { isKernel, makeOp, sizeOf } from '../graph/op';
import { isWhole } from './fuse-convolution';
import { readersOf, rewrite } from './rewrite';

/**
 * Relu(a · Conv(x, filter) + c) → ConvBias(x, a · filter, c), where nobody else reads between: batch normalisation
 * with known statistics, as inference has it, costs no pass over memory. In training its mean is read too, and it stays.
 */
export function scaleIntoFilter(graph: Graph): Graph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  return rewrite(graph, (op, original) => {
    if (!isKernel(op, 'ChannelAffine') || op.attributes.scaled.length !== 1 || !op.attributes.shifted) return op;
    const before = original.inputs[0]!.op;
    if (outputs.has(before) || readers.get(before)!.length > 1) return op;
    return convolved(op) ?? op;
  });
}

function convolved(op: Op<'ChannelAffine'>): Op | undefined {
  const [base, ...vectors] = op.inputs;
  const convolution = base!.op;
  if (!isWhole(base!) || vectors.some(({ shape }) => sizeOf(shape) !== op.shape.at(-1)!)) return undefined;
  const [factor, offset] = op.attributes.scaled[0] ? vectors : [undefined, vectors[0]];
  const { relu } = op.attributes;
  if (isKernel(convolution, 'Conv')) {
    const inputs = [convolution.inputs[0]!, scaled(convolution.inputs[1]!, factor), offset!];
    return makeOp('ConvBias', inputs, { ...convolution.attributes, relu }, op.shape, op.dtype);
  }
  if (isKernel(convolution, 'ConvBias') && !convolution.attributes.relu) {
    const [x, filter, bias] = convolution.inputs;
    const channels = [op.shape.at(-1)!];
    const moved = scaled({ op: bias!.op, shape: channels }, factor);
    const sum = makeOp('Add', [moved, { op: offset!.op, shape: channels }], {}, channels, op.dtype);
    const inputs = [x!, scaled(filter!, factor), { op: sum, shape: channels }];
    return makeOp('ConvBias', inputs, { ...convolution.attributes, relu }, op.shape, op.dtype);
  }
  return undefined;
}

/** A tensor […, O] by one number per channel. */
function scaled(tensor: Operand, factor: Operand | undefined): Operand {
  if (!factor) return tensor;
  const vector = { op: factor.op, shape: [sizeOf(factor.shape)] };
  return { op: makeOp('Multiply', [tensor, vector], {}, tensor.shape, tensor.op.dtype), shape: tensor.shape };
}
