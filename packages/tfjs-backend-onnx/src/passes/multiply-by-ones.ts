import type { Graph, Op, Operand } from '../graph/op';
import { isKernel, makeOp, sameShape } from '../graph/op';
import { isWhole } from './fuse-convolution';
import { rewrite } from './rewrite';

/** x · ones → x, or x repeated up to the shape of the ones: the gradient of a sum is written so. */
export function multiplyByOnes(graph: Graph): Graph {
  return rewrite(graph, (op) => {
    if (!isKernel(op, 'Multiply')) return op;
    const [a, b] = op.inputs;
    return repeated(a!, b!, op) ?? repeated(b!, a!, op) ?? op;
  });
}

function repeated(x: Operand, ones: Operand, product: Op): Op | undefined {
  if (!isKernel(ones.op, 'OnesLike') || x.op.dtype !== product.dtype || x.shape.length !== product.shape.length) return;
  if (!sameShape(x.shape, product.shape)) {
    const reps = product.shape.map((size, axis) => size / x.shape[axis]!);
    return makeOp('Tile', [x], { reps }, product.shape, product.dtype);
  }
  return isWhole(x) ? x.op : undefined;
}
