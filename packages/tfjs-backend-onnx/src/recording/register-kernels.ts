import { getKernel, getKernelsForBackend, registerKernel, util } from '@tensorflow/tfjs-core';
import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Op, Operand } from '../graph/op';
import { isLeaf, makeLeaf, sizeOf } from '../graph/op';
import { OnnxBackend } from './backend';
import { runOnCpu } from './cpu-fallback';
import { isNative } from './kernel-call';
import type { Recorder } from './kernel-call';
import { OWN_KERNELS, RECORDERS, whyLeftToCpu } from './kernels';

export const BACKEND_NAME = 'onnx';

/** Registers with TF.js every kernel that tfjs-cpu has: recorded where there is a recorder, else run there. */
export function registerKernels(): void {
  for (const kernel of getKernelsForBackend('cpu')) {
    if (getKernel(kernel.kernelName, BACKEND_NAME) as KernelConfig | undefined) continue;
    registerKernel({
      kernelName: kernel.kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const onnx = onnxOf(backend);
        const tensors = tensorsOf(inputs);
        const recorder = RECORDERS[kernel.kernelName];
        const isNumeric = tensors.every(([, { dtype }]) => isNative(dtype));
        const recorded = isNumeric && recorder ? recordCall(recorder, onnx, tensors, attrs ?? {}) : null;
        if (recorded) return recorded;
        const why = whyLeftToCpu(kernel.kernelName) ?? (isNumeric ? WHY.notThese : WHY.dtype);
        onnx.noteFallback(kernel.kernelName, tensors.map(([, tensor]) => describe(tensor)).join(', '), why);
        return runOnCpu(kernel, onnx, inputs, attrs ?? {});
      },
    });
  }
}

/** Registers the kernels that TF.js does not have: tfjs-cpu could not answer for them. */
export function registerOwnKernels(): void {
  for (const kernelName of OWN_KERNELS) {
    if (getKernel(kernelName, BACKEND_NAME) as KernelConfig | undefined) continue;
    registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        recordCall(RECORDERS[kernelName]!, onnxOf(backend), tensorsOf(inputs), attrs ?? {})!,
    });
  }
}

function onnxOf(backend: unknown): OnnxBackend {
  if (backend instanceof OnnxBackend) return backend;
  throw new TypeError('a kernel of the onnx backend was called for another');
}

/** Why tfjs-cpu must answer, as the error of strict mode says it. */
const WHY = {
  dtype: 'strings and complex numbers have no ONNX kernels here',
  notThese: 'these dtypes, shapes or attributes have no ONNX lowering',
};

function describe({ dtype, shape }: TensorInfo): string {
  return `${dtype}[${shape.join()}]`;
}

function tensorsOf(inputs: NamedTensorInfoMap): [string, TensorInfo][] {
  const given = Object.entries(inputs as Record<string, TensorInfo | TensorInfo[] | undefined>);
  return given.flatMap(([name, tensor]) => {
    if (!tensor) return [];
    return Array.isArray(tensor) ? tensor.map((t): [string, TensorInfo] => [name, t]) : [[name, tensor]];
  });
}

function recordCall(
  recorder: Recorder,
  onnx: OnnxBackend,
  tensors: readonly [string, TensorInfo][],
  attributes: Record<string, unknown>,
): TensorInfo | TensorInfo[] | null {
  const operands = tensors.map(([name, tensor]): [string, Operand] => [name, onnx.operand(tensor)]);
  const list = operands.map(([, operand]) => operand);
  const output = recorder({ inputs: Object.fromEntries(operands), list, attributes });
  if (output === null) return null;
  const isEmpty = ({ shape }: Operand): boolean => sizeOf(shape) === 0;
  // Of tensors without elements ONNX has its own opinions: only results that are as empty need no computing.
  const given = new Set(list.map(({ op }) => op));
  if (list.some(isEmpty) && [output].flat().some((x) => !isEmpty(x) && readsEmpty(x.op, given))) return null;
  const tensorOf = (operand: Operand): TensorInfo => {
    if (isEmpty(operand)) return onnx.adopt(emptyLeaf(operand));
    const index = list.findIndex(({ op }) => op === operand.op);
    return index < 0 ? onnx.adopt(operand) : share(onnx, tensors[index]![1], operand);
  };
  return Array.isArray(output) ? output.map(tensorOf) : tensorOf(output);
}

/** Whether an op recorded upon the `given` ones reads a tensor without elements. */
function readsEmpty(op: Op, given: ReadonlySet<Op>): boolean {
  if (isLeaf(op) || given.has(op)) return sizeOf(op.shape) === 0;
  return op.inputs.some((input) => readsEmpty(input.op, given));
}

function emptyLeaf({ op: { dtype }, shape }: Operand): Operand {
  return { op: makeLeaf(util.getArrayFromDType(dtype, 0), shape, dtype), shape };
}

/** A view of an input's data: the same data id with one reader more. */
function share(onnx: OnnxBackend, { dataId, dtype }: TensorInfo, { shape }: Operand): TensorInfo {
  onnx.incRef(dataId);
  return { dataId, shape: [...shape], dtype };
}
