/** The gradient of a ReLU is dy · step(x). These passes find out where that mask is free. */
import type { Graph, Op, Operand } from '../graph/op';
import { isKernel, makeOp } from '../graph/op';
import { isWhole } from './fuse-convolution';
import { rewrite } from './rewrite';

/**
 * Step(x) → Step(Relu(x)) where that ReLU is computed anyway: step(relu(x)) = step(x), and then x itself has no
 * reader but the ReLU and can be fused away. The ReLU made here is merged with the one that is there by
 * `mergeCommonSubexpressions`.
 */
export function maskByRelu(graph: Graph): Graph {
  const activated = new Set<Op>();
  for (const op of graph.order) if (isKernel(op, 'Relu') && isWhole(op.inputs[0]!)) activated.add(op.inputs[0]!.op);
  return rewrite(graph, (op, original) => {
    if (!isMask(op) || !isWhole(op.inputs[0]!) || !activated.has(original.inputs[0]!.op)) return op;
    const [x] = op.inputs;
    const relu = makeOp('Relu', [x!], {}, x!.shape, op.dtype);
    return makeOp('Step', [{ op: relu, shape: relu.shape }], { alpha: 0 }, op.shape, op.dtype);
  });
}

/** MaxPoolGradient(dy, x, pooled) · Step(x), x a ReLU's result → ReluMaxPoolGradient, which needs no mask of x's size. */
export function maskInPoolGradient(graph: Graph): Graph {
  return rewrite(graph, (op) => {
    if (!isKernel(op, 'Multiply')) return op;
    const [a, b] = op.inputs;
    return maskedPoolGradient(a!, b!) ?? maskedPoolGradient(b!, a!) ?? op;
  });
}

function maskedPoolGradient(gradient: Operand, mask: Operand): Op | undefined {
  if (!isKernel(gradient.op, 'MaxPoolGradient') || !isMask(mask.op)) return undefined;
  if (!isWhole(gradient) || !isWhole(mask)) return undefined;
  const [, x] = gradient.op.inputs;
  const [masked] = mask.op.inputs;
  if (x!.op !== masked!.op || !isWhole(x!) || !isWhole(masked!) || !isReluResult(x!.op)) return undefined;
  const { inputs, attributes, shape, dtype } = gradient.op;
  return makeOp('ReluMaxPoolGradient', inputs, attributes, shape, dtype);
}

export function isReluResult(op: Op | undefined): boolean {
  if (op === undefined) return false;
  return isKernel(op, 'Relu') || ((isKernel(op, 'ConvBias') || isKernel(op, 'ChannelAffine')) && op.attributes.relu);
}

function isMask(op: Op): boolean {
  return isKernel(op, 'Step') && op.attributes.alpha === 0;
}
