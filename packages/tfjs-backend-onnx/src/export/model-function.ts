import type { Tensor } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import type { ExportInput, NamedFunction } from './record-function';

/** An input as a model describes it: tf.LayersModel's SymbolicTensor, and whatever looks like it. */
export interface ModelInput {
  name: string;
  /** A size that is null or -1 is free. */
  shape?: readonly (number | null)[] | undefined;
  dtype: ExportInput['dtype'];
}

/**
 * What can be exported besides functions: tf.LayersModel and tf.GraphModel, what importOnnx gives, and any object
 * that says what it takes and predicts.
 */
export interface ExportableModel {
  readonly inputs: readonly ModelInput[];
  readonly outputs?: readonly { name: string }[];
  readonly outputNames?: readonly string[];
  predict: (inputs: never) => unknown;
  /** tf.LayersModel's way to run without splitting the batch. */
  apply?: (inputs: never, options?: never) => unknown;
}

/** Computes what the model is given from the inputs of the exported graph: clipping, scaling, another order. */
export type Preprocessing = (...inputs: Tensor[]) => Tensor | Tensor[];

export function isModel(source: object): source is ExportableModel {
  return typeof source !== 'function' && 'predict' in source && 'inputs' in source && Array.isArray(source.inputs);
}

/** The inputs of a model as inputs of a graph. */
export function inputsOf({ inputs }: ExportableModel): ExportInput[] {
  return inputs.map(({ name, shape, dtype }) => {
    if (!shape) throw onnxBackendError('ONNX_EXPORT_MODEL', { problem: `has an input ${name} without a shape` });
    return { name, dtype, shape: shape.map((size) => size ?? -1) };
  });
}

/** The model, its preprocessing before it, as a function with named outputs. */
export function functionOf(
  model: ExportableModel,
  preprocessing: Preprocessing | undefined,
  names: readonly string[] | undefined,
): NamedFunction {
  return (...given) => {
    const prepared = preprocessing ? preprocessing(...given) : given;
    const inputs = Array.isArray(prepared) ? prepared : [prepared];
    const results = run(model, inputs);
    if (!isTensorOrList(results)) return results as Record<string, Tensor>;
    const list = Array.isArray(results) ? results : [results];
    const outputNames = names ?? model.outputNames ?? model.outputs?.map(({ name }) => name) ?? [];
    return Object.fromEntries(list.map((tensor, i) => [outputNames[i] ?? `output_${i}`, tensor]));
  };
}

/** predict() of tf.LayersModel would run the batch in pieces; apply() runs it as it is, without what is for training. */
function run(model: ExportableModel, inputs: Tensor[]): unknown {
  const given = (inputs.length === 1 ? inputs[0]! : inputs) as never;
  return model.apply ? model.apply(given, { training: false } as never) : model.predict(given);
}

function isTensorOrList(results: unknown): results is Tensor | Tensor[] {
  return Array.isArray(results) || (typeof results === 'object' && results !== null && 'dataId' in results);
}
