import type { Signature, TensorSpec } from 'model-bundle';
import { validationError } from '../errors';

/** One input or output of a graph; a free dimension is a name. */
export interface GraphTensor {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

export interface GraphContract {
  inputs: GraphTensor[];
  outputs: GraphTensor[];
}

/** The output that holds the softmax, in every model of this platform. */
export const PROBABILITIES = 'probabilities';

/**
 * The signature must ask for one patch and promise a probability a label, and the graph must have the inputs and outputs of
 * the signature: names, types and shapes. A dimension that the signature leaves free must be free in the graph; one
 * that it fixes must not be another number there.
 *
 * @throws VALIDATION_CONTRACT_BROKEN
 */
export function assertContract(signature: Signature, graph: GraphContract): void {
  const problem =
    firstDifference('input', signature.inputs, graph.inputs) ??
    firstDifference('output', signature.outputs, graph.outputs) ??
    unusableSignature(signature);
  if (problem !== undefined) throw validationError('VALIDATION_CONTRACT_BROKEN', { problem });
}

function unusableSignature({ inputs, outputs, labels, preprocessing }: Signature): string | undefined {
  const patch = [-1, 1, ...preprocessing.patchSize].join(', ');
  if (inputs.length !== 1) return `the signature has ${inputs.length} inputs, one patch expected`;
  if (inputs[0]!.shape.join(', ') !== patch) {
    return `the signature asks for [${inputs[0]!.shape.join(', ')}], its patches are [${patch}]`;
  }
  const probabilities = outputs.find(({ name }) => name === PROBABILITIES);
  if (!probabilities) return `the signature has no output ${PROBABILITIES}`;
  const { shape } = probabilities;
  if (shape.length === 2 && shape[1] === labels.length) return undefined;
  return `the signature promises ${PROBABILITIES} [${shape.join(', ')}] for ${labels.length} labels`;
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
