import type { Signature, TensorSpec } from 'model-bundle';
import { validationError } from '../errors';

/** What onnxruntime says of one input or output of a graph; a free dimension is a name. */
export interface GraphTensor {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

export interface GraphContract {
  inputs: GraphTensor[];
  outputs: GraphTensor[];
}

/**
 * The graph must have the inputs and outputs that the signature promises: names, types and shapes. A dimension
 * that the signature leaves free must be free in the graph; one that it fixes must not be another number there.
 *
 * @throws VALIDATION_CONTRACT_BROKEN
 */
export function assertContract(signature: Signature, graph: GraphContract): void {
  const problem =
    firstDifference('input', signature.inputs, graph.inputs) ??
    firstDifference('output', signature.outputs, graph.outputs);
  if (problem !== undefined) throw validationError('VALIDATION_CONTRACT_BROKEN', { problem });
}

function firstDifference(what: string, promised: TensorSpec[], found: GraphTensor[]): string | undefined {
  for (const spec of promised) {
    const tensor = found.find(({ name }) => name === spec.name);
    if (!tensor) return `${what} ${spec.name} is missing, the graph has ${found.map(({ name }) => name).join(', ')}`;
    if (tensor.type !== 'float32') return `${what} ${spec.name} is ${tensor.type}, FP32 promised`;
    const fits =
      tensor.shape.length === spec.shape.length &&
      tensor.shape.every((size, i) => (spec.shape[i] === -1 ? isFree(size) : isFree(size) || size === spec.shape[i]));
    if (!fits) return `${what} ${spec.name} is [${tensor.shape.join(', ')}], [${spec.shape.join(', ')}] promised`;
  }
  const extra = found.find(({ name }) => what === 'input' && !promised.some((spec) => spec.name === name));
  return extra && `input ${extra.name} is not in the signature`;
}

function isFree(size: number | string): boolean {
  return typeof size === 'string' || size < 0;
}
