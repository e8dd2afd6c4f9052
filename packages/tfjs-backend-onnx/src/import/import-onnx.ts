import { readFile } from 'node:fs/promises';
import { tidy, variable } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { readModel } from './model-reader';
import type { ImportedNode, ModelFile, TensorDescription } from './model-reader';
import { NUMBER_INPUTS, ONLY_STATIC, OPERATORS, STATISTICS_INPUTS } from './operators';
import { OperatorCall } from './operator';
import { computeStatically } from './static-arithmetic';
import { tensorOf, Value } from './value';

/**
 * An ONNX model as a TF.js function: `predict` runs its nodes as TF.js operations on whatever backend is in use, so
 * that gradients flow through it. Its weights are variables; dispose of it to let go of them.
 */
export interface ImportedModel {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  /** The file's `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly opset: number;
  /** Who wrote the file. */
  readonly producer: string;
  /** Every weight by its name in the file, in its layout there; statistics of batch normalisation do not train. */
  readonly weights: ReadonlyMap<string, Variable>;
  /**
   * @param inputs one tensor an input, in order or by name; shapes as in `inputs`
   * @returns one tensor, or several in the order of `outputs`
   * @throws ONNX_IMPORT_INPUT, and ONNX_IMPORT_UNSUPPORTED for a setting of an operator that has no counterpart
   */
  predict: (inputs: Tensor | readonly Tensor[] | NamedTensorMap) => Tensor | Tensor[];
  /** As `predict`, with the outputs by name. */
  execute: (inputs: Tensor | readonly Tensor[] | NamedTensorMap) => NamedTensorMap;
  dispose: () => void;
}

/**
 * Reads an ONNX model: its bytes, or the path of a file.
 *
 * ```ts
 * const model = await importOnnx('resnet18.onnx');
 * const logits = model.predict(tf.zeros([1, 3, 224, 224])) as tf.Tensor;
 * ```
 *
 * @throws ONNX_IMPORT_MALFORMED, ONNX_IMPORT_OPSET, ONNX_IMPORT_OPERATOR, ONNX_IMPORT_EXTERNAL_DATA, ONNX_IMPORT_DTYPE
 */
export async function importOnnx(model: Uint8Array | string): Promise<ImportedModel> {
  return modelOf(readModel(typeof model === 'string' ? await readFile(model) : model));
}

/** As importOnnx, of bytes that are there already. */
export function importOnnxSync(bytes: Uint8Array): ImportedModel {
  return modelOf(readModel(bytes));
}

function modelOf(file: ModelFile): ImportedModel {
  refuseUnknownOperators(file.nodes);
  const weights = makeWeights(file);
  const execute: ImportedModel['execute'] = (given) => {
    const inputs = inputsByName(file.inputs, given);
    return tidy(() => replay(file, weights, inputs));
  };
  return {
    inputs: file.inputs,
    outputs: file.outputs,
    metadata: file.metadata,
    opset: file.opset,
    producer: file.producer,
    weights,
    execute,
    predict(given) {
      const results = execute(given);
      const list = file.outputs.map(({ name }) => results[name]!);
      return list.length === 1 ? list[0]! : list;
    },
    dispose() {
      for (const weight of weights.values()) weight.dispose();
    },
  };
}

function refuseUnknownOperators(nodes: readonly ImportedNode[]): void {
  const known = (opType: string): boolean => opType in OPERATORS || ONLY_STATIC.includes(opType);
  const unknown = [...new Set(nodes.map(({ opType }) => opType).filter((opType) => !known(opType)))];
  if (unknown.length > 0) throw onnxBackendError('ONNX_IMPORT_OPERATOR', { operators: unknown.join(', ') });
}

/** A variable for every float tensor that something computes with; single numbers and sizes stay constants. */
function makeWeights({ nodes, constants }: ModelFile): Map<string, Variable> {
  const weights = new Map<string, Variable>();
  for (const { opType, inputs } of nodes) {
    inputs.forEach((name, at) => {
      const constant = constants.get(name);
      if (!constant || constant.dtype !== 'float32' || constant.dims.length === 0) return;
      if (weights.has(name) || NUMBER_INPUTS[opType]?.includes(at)) return;
      const isTrained = !STATISTICS_INPUTS[opType]?.includes(at);
      weights.set(
        name,
        tidy(() => variable(tensorOf(constant), isTrained)),
      );
    });
  }
  return weights;
}

function inputsByName(
  expected: readonly TensorDescription[],
  given: Tensor | readonly Tensor[] | NamedTensorMap,
): Map<string, Tensor> {
  const list = isTensor(given) ? [given] : Array.isArray(given) ? (given as readonly Tensor[]) : null;
  const named = new Map(
    list ? list.map((x, i) => [expected[i]?.name ?? `input ${i}`, x]) : Object.entries(given as NamedTensorMap),
  );
  const fits = expected.every(({ name, shape }) => {
    const found = named.get(name)?.shape;
    return found?.length === shape.length && shape.every((size, axis) => size === -1 || size === found[axis]);
  });
  if (fits && named.size === expected.length) return named;
  const describe = (ports: readonly { name: string; shape: readonly number[] }[]): string =>
    ports.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
  throw onnxBackendError('ONNX_IMPORT_INPUT', {
    given: describe([...named].map(([name, { shape }]) => ({ name, shape }))),
    expected: describe(expected),
  });
}

function isTensor(value: Tensor | readonly Tensor[] | NamedTensorMap): value is Tensor {
  return 'dataId' in value;
}

/** Runs the nodes in the file's order, which ONNX promises to be one in which inputs come first. */
function replay(
  file: ModelFile,
  weights: ReadonlyMap<string, Variable>,
  inputs: ReadonlyMap<string, Tensor>,
): NamedTensorMap {
  const values = new Map<string, Value>();
  for (const [name, constant] of file.constants) {
    const weight = weights.get(name);
    values.set(name, weight ? Value.weight(weight, constant) : Value.known(constant));
  }
  for (const [name, x] of inputs) values.set(name, Value.of(x));
  for (const node of file.nodes) {
    const call = new OperatorCall(
      node,
      node.inputs.map((name) => values.get(name)),
      file.opset,
    );
    const result = computeStatically(call) ?? OPERATORS[node.opType]?.(call);
    if (!result) throw call.unsupported('values that depend on its inputs');
    const list = Array.isArray(result) ? result : [result];
    node.outputs.forEach((name, i) => {
      if (list[i]) values.set(name, list[i]);
    });
  }
  return Object.fromEntries(file.outputs.map(({ name }) => [name, values.get(name)!.tensor]));
}
