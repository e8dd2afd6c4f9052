import { engine, tidy } from '@tensorflow/tfjs-core';
import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { OnnxGraph } from '../graph/onnx-graph';
import { graphOf } from '../graph/op';
import type { Dtype, Op, Operand, Shape } from '../graph/op';
import type { Target } from '../graph/target';
import { lowerGraph } from '../lowerings/lower-graph';
import type { LoweredOp } from '../lowerings/lower-graph';
import { optimize } from '../passes';
import { foldConstants } from '../passes/constant-folding';
import { OnnxBackend } from '../recording';

/** A function whose outputs have names. */
export type NamedFunction = (...inputs: Tensor[]) => Record<string, Tensor>;

/** An input of the model; the first dimension may be -1: any batch. */
export interface ExportInput {
  name: string;
  shape: Shape;
  dtype: DataType;
}

/** An input of a recorded function; a first dimension of -1 is the batch. */
export interface RecordedInput {
  name: string;
  shape: Shape;
  dtype: Dtype;
}

export interface RecordOptions {
  /** What stands for a first dimension of -1. */
  batch: number;
  target: Target;
  /** The outputs, in this order. Default: those of the function, in its order. */
  outputs?: readonly string[] | undefined;
}

export interface RecordedFunction {
  graph: OnnxGraph;
  /** What each kernel became. */
  lowered: readonly LoweredOp[];
}

/** The onnx backend, which must be the one in use: only it records. */
export function backendInUse(): OnnxBackend {
  const backend: unknown = engine().backend;
  if (backend instanceof OnnxBackend) return backend;
  throw onnxBackendError('ONNX_BACKEND_NOT_REGISTERED', { backend: engine().backendName });
}

/** Records a TF.js function as an ONNX graph for `target`; whatever it reads besides its inputs becomes a constant. */
export function recordFunction(
  backend: OnnxBackend,
  fn: NamedFunction,
  inputs: readonly RecordedInput[],
  { batch, target, outputs: order }: RecordOptions,
): RecordedFunction {
  const names = new Map<Op, string>();
  const outputs: [string, Operand][] = [];
  tidy(() => {
    const tensors = inputs.map(({ name, shape, dtype }) => {
      const info = backend.placeholder(
        shape.map((size, axis) => (axis === 0 && size === -1 ? batch : size)),
        dtype,
      );
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
  return writeGraph(outputs, names, target);
}

function writeGraph(
  outputs: readonly [string, Operand][],
  inputNames: ReadonlyMap<Op, string>,
  target: Target,
): RecordedFunction {
  const onnx = new OnnxGraph();
  for (const [op, name] of inputNames) onnx.input(name, op.dtype, op.shape);
  const graph = optimize(graphOf(outputs.map(([, { op }]) => op)), target);
  const lowered = lowerGraph(graph, onnx, target, (leaf) => inputNames.get(leaf) ?? constantOf(onnx, leaf));
  outputs.forEach(([name, { op, shape }], i) => {
    onnx.output(name, onnx.reshape(lowered.outputs[i]!, shape), op.dtype, shape);
  });
  onnx.prune();
  foldConstants(onnx);
  return { graph: onnx, lowered: lowered.lowered };
}

function constantOf(onnx: OnnxGraph, { value, shape, dtype }: Op): string {
  return onnx.constant(dtype, shape, new Uint8Array(value!.buffer, value!.byteOffset, value!.byteLength));
}
