import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { OPSET } from '../graph/onnx-graph';
import type { OnnxGraph } from '../graph/onnx-graph';
import { PORTABLE } from '../graph/target';
import { BATCH_SIZES, freeBatch } from './free-batch';
import { functionOf, inputsOf, isModel } from './model-function';
import type { ExportableModel, Preprocessing } from './model-function';
import { backendInUse, recordFunction } from './record-function';
import type { ExportInput, NamedFunction, RecordedInput } from './record-function';

export interface ExportOptions {
  /** The outputs, in the order the model has them. Default: the order of the function's object. */
  outputs?: readonly string[];
  /** Entries of the model's `metadata_props`: text as it is, anything else (labels, a signature, lineage) as JSON. */
  metadata?: Readonly<Record<string, unknown>>;
  /** The standard opset to declare: 18 (default) to 22. Some kernels need 20 or more, and raise the default. */
  opset?: number;
}

export interface ModelExportOptions extends ExportOptions {
  /** Names for the model's outputs, in its order. Default: its own. */
  outputs?: readonly string[];
  /** Recorded into the graph before the model: from `inputs` to what the model takes. */
  preprocessing?: Preprocessing;
  /** What the graph takes, where preprocessing changes it. Default: what the model takes. */
  inputs?: readonly ExportInput[];
  /** Whether the graph takes any batch (default) or only one sample at a time. */
  dynamicBatch?: boolean;
}

const HIGHEST_OPSET = 22;

/**
 * Writes a TF.js model as an ONNX model of standard operators: weights become constants, the first dimension may stay
 * free. Needs the onnx backend in use. The same model and weights give the same bytes.
 *
 * ```ts
 * const bytes = exportOnnx(model, {
 *   preprocessing: (pixels) => tf.div(pixels, 255),
 *   metadata: { labels: ['cat', 'dog'], lineage: { commit } },
 * });
 * ```
 *
 * @throws ONNX_EXPORT_* where the model cannot be said in ONNX
 */
export function exportOnnx(model: ExportableModel, options?: ModelExportOptions): Uint8Array<ArrayBuffer>;
/**
 * Writes a TF.js function with named outputs the same way.
 *
 * ```ts
 * const bytes = exportOnnx(
 *   (patch) => ({ logits: network.predict(patch) }),
 *   [{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' }],
 * );
 * ```
 */
export function exportOnnx(
  fn: NamedFunction,
  inputs: readonly ExportInput[],
  options?: ExportOptions,
): Uint8Array<ArrayBuffer>;
export function exportOnnx(
  source: NamedFunction | ExportableModel,
  second: readonly ExportInput[] | ModelExportOptions = {},
  third: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  if (isModel(source)) return exportModel(source, second as ModelExportOptions);
  if (typeof source !== 'function' || !Array.isArray(second)) {
    throw onnxBackendError('ONNX_EXPORT_MODEL', { problem: 'is neither a model nor a function with its inputs' });
  }
  return exportFunction(source, second as readonly ExportInput[], third);
}

function exportModel(model: ExportableModel, options: ModelExportOptions): Uint8Array<ArrayBuffer> {
  const { preprocessing, inputs = inputsOf(model), dynamicBatch = true, outputs } = options;
  const ports = dynamicBatch ? inputs : inputs.map(withOneSample);
  return exportFunction(functionOf(model, preprocessing, outputs), ports, options);
}

const withOneSample = (input: ExportInput): ExportInput => ({
  ...input,
  shape: input.shape.map((size, axis) => (axis === 0 && size === -1 ? 1 : size)),
});

function exportFunction(
  fn: NamedFunction,
  inputs: readonly ExportInput[],
  options: ExportOptions,
): Uint8Array<ArrayBuffer> {
  const backend = backendInUse();
  const ports = inputs.map(checkInput);
  // Weights that a training step left uncomputed must enter as values, not as the step that made them.
  backend.flush();
  const recordAt = (batch: number): OnnxGraph =>
    recordFunction(backend, fn, ports, { batch, target: PORTABLE, outputs: options.outputs }).graph;
  const graph = recordAt(BATCH_SIZES.first);
  const source = ports.find(({ shape }) => shape[0] === -1);
  if (source) freeBatch(graph, recordAt(BATCH_SIZES.second), source.name);
  return encodeModel(graph, {
    producer: 'tfjs-backend-onnx',
    metadata: metadataOf(options.metadata ?? {}),
    opset: checkOpset(options.opset ?? graph.opset, graph.opset),
  });
}

function checkOpset(opset: number, needed: number): number {
  const lowest = Math.max(OPSET, needed);
  if (opset >= lowest && opset <= HIGHEST_OPSET) return opset;
  throw onnxBackendError('ONNX_EXPORT_OPSET', { opset, lowest, highest: HIGHEST_OPSET });
}

function metadataOf(entries: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

function checkInput({ name, shape, dtype }: ExportInput): RecordedInput {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw onnxBackendError('ONNX_EXPORT_INPUT_DTYPE', { input: name, dtype });
  }
  if (shape.slice(1).some((size) => size < 1) || (shape[0] !== undefined && shape[0] < 1 && shape[0] !== -1)) {
    throw onnxBackendError('ONNX_EXPORT_FREE_DIMENSIONS', { input: name, shape: shape.join(', ') });
  }
  return { name, shape, dtype };
}
