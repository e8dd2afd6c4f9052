import { engine, tidy } from '@tensorflow/tfjs-core';
import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { encodeModel } from '../graph/model-proto';
import { OPSET, OnnxGraph } from '../graph/onnx-graph';
import type { Dtype, Op, Operand, Shape } from '../graph/op';
import { graphOf } from '../graph/op';
import { PORTABLE } from '../graph/target';
import { lowerGraph } from '../lowerings/lower-graph';
import { optimize } from '../passes';
import { OnnxBackend } from '../recording';
import { BATCH_SIZES, freeBatch } from './free-batch';

/** An input of the model; the first dimension may be -1: any batch. */
export interface ExportInput {
  name: string;
  shape: Shape;
  dtype: DataType;
}

export interface ExportOptions {
  /** The outputs, in the order the model has them. Default: the order of the function's object. */
  outputs?: readonly string[];
  /** Entries of the model's `metadata_props`. */
  metadata?: Readonly<Record<string, string>>;
  /** The standard opset to declare: 18 (default) to 22. */
  opset?: number;
}

const HIGHEST_OPSET = 22;

/**
 * Records a TF.js function and writes it as an ONNX model of standard operators: weights become constants, the first
 * dimension may stay free. Needs the onnx backend in use. The same function and weights give the same bytes.
 *
 * ```ts
 * const model = exportOnnx(
 *   (patch) => ({ logits: network.predict(patch) }),
 *   [{ name: 'patch', shape: [-1, 1, 32, 48, 48], dtype: 'float32' }],
 * );
 * ```
 *
 * @throws ONNX_EXPORT_* where the function cannot be said in ONNX
 */
export function exportOnnx(
  fn: (...inputs: Tensor[]) => Record<string, Tensor>,
  inputs: readonly ExportInput[],
  options: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  const opset = options.opset ?? OPSET;
  if (opset < OPSET || opset > HIGHEST_OPSET) {
    throw onnxBackendError('ONNX_EXPORT_OPSET', { opset, lowest: OPSET, highest: HIGHEST_OPSET });
  }
  const backend = backendInUse();
  const ports = inputs.map(checkInput);
  // Weights that a training step left uncomputed must enter as values, not as the step that made them.
  backend.flush();
  const graph = recordAt(BATCH_SIZES.first, backend, fn, ports, options.outputs);
  if (ports.some(({ shape }) => shape[0] === -1)) {
    freeBatch(graph, recordAt(BATCH_SIZES.second, backend, fn, ports, options.outputs));
  }
  return encodeModel(graph, { producer: 'tfjs-backend-onnx', metadata: options.metadata ?? {}, opset });
}

function backendInUse(): OnnxBackend {
  const backend: unknown = engine().backend;
  if (backend instanceof OnnxBackend) return backend;
  throw onnxBackendError('ONNX_BACKEND_NOT_REGISTERED', { backend: engine().backendName });
}

function checkInput({ name, shape, dtype }: ExportInput): ExportInput & { dtype: Dtype } {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw onnxBackendError('ONNX_EXPORT_INPUT_DTYPE', { input: name, dtype });
  }
  if (shape.slice(1).some((size) => size < 1) || (shape[0] !== undefined && shape[0] < 1 && shape[0] !== -1)) {
    throw onnxBackendError('ONNX_EXPORT_FREE_DIMENSIONS', { input: name, shape: shape.join(', ') });
  }
  return { name, shape, dtype };
}

/** The function's ONNX graph, with `batch` in place of a free dimension. */
function recordAt(
  batch: number,
  backend: OnnxBackend,
  fn: (...inputs: Tensor[]) => Record<string, Tensor>,
  ports: readonly (ExportInput & { dtype: Dtype })[],
  order: readonly string[] | undefined,
): OnnxGraph {
  const names = new Map<Op, string>();
  const outputs: [string, Operand][] = [];
  tidy(() => {
    const tensors = ports.map(({ name, shape, dtype }) => {
      const info = backend.placeholder([shape[0] === -1 ? batch : shape[0], ...shape.slice(1)].filter(isSize), dtype);
      names.set(backend.operand(info).op, name);
      return engine().makeTensorFromTensorInfo(info);
    });
    const results = backend.recordOnly(() => fn(...tensors));
    for (const name of order ?? Object.keys(results)) {
      const tensor: TensorInfo | undefined = results[name];
      if (!tensor) throw onnxBackendError('ONNX_EXPORT_OUTPUT', { output: name });
      outputs.push([name, backend.operand(tensor)]);
    }
  });
  return writeGraph(outputs, names);
}

const isSize = (size: number | undefined): size is number => size !== undefined;

function writeGraph(outputs: readonly [string, Operand][], inputNames: ReadonlyMap<Op, string>): OnnxGraph {
  const onnx = new OnnxGraph();
  for (const [op, name] of inputNames) onnx.input(name, op.dtype, op.shape);
  const graph = optimize(graphOf(outputs.map(([, { op }]) => op)));
  const lowered = lowerGraph(graph, onnx, PORTABLE, (leaf) => inputNames.get(leaf) ?? constantOf(onnx, leaf));
  outputs.forEach(([name, { op, shape }], i) => {
    onnx.output(name, onnx.reshape(lowered.outputs[i]!, shape), op.dtype, shape);
  });
  onnx.prune();
  return onnx;
}

function constantOf(onnx: OnnxGraph, { value, shape, dtype }: Op): string {
  return onnx.constant(dtype, shape, new Uint8Array(value!.buffer, value!.byteOffset, value!.byteLength));
}
