import type { Graph, Op, Operand } from '../graph/op';
import { isKernel, makeOp, sameShape, sizeOf } from '../graph/op';
import { readersOf, rewrite } from './rewrite';

/** Add(Conv(x, filter), bias) → ConvBias, and Relu of that → ConvBias with ReLU, where nobody else reads between. */
export function fuseConvolution(graph: Graph): Graph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  const isPrivate = (op: Op): boolean => !outputs.has(op) && readers.get(op)!.length === 1;

  return rewrite(graph, (op, original) => {
    const [first, second] = op.inputs;
    if (isKernel(op, 'Add') && isPrivate(original.inputs[0]!.op) && isWhole(first!) && isBiasOf(second!, op)) {
      const conv = first!.op;
      if (!isKernel(conv, 'Conv')) return op;
      return makeOp('ConvBias', [...conv.inputs, second!], { ...conv.attributes, relu: false }, op.shape, op.dtype);
    }
    if (isKernel(op, 'Relu') && isPrivate(original.inputs[0]!.op) && isWhole(first!)) {
      const sum = first!.op;
      if (!isKernel(sum, 'ConvBias')) return op;
      return makeOp('ConvBias', sum.inputs, { ...sum.attributes, relu: true }, op.shape, op.dtype);
    }
    return op;
  });
}

/** Not seen under another shape. */
export function isWhole({ op, shape }: Operand): boolean {
  return sameShape(op.shape, shape);
}

function isBiasOf(bias: Operand, sum: Op): boolean {
  const channels = sum.shape.at(-1)!;
  return sizeOf(bias.shape) === channels && bias.shape.at(-1) === channels;
}
