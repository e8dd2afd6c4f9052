import { getKernel, getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Operand } from '../graph/op';
import { sizeOf } from '../graph/op';
import { OnnxBackend } from './backend';
import { runOnCpu } from './cpu-fallback';
import { isNative } from './kernel-call';
import type { Recorder } from './kernel-call';
import { arrangementKernels } from './kernels/arrangement';
import { elementwiseKernels } from './kernels/elementwise';
import { indexingKernels } from './kernels/indexing';
import { linearKernels } from './kernels/linear';
import { reductionKernels } from './kernels/reductions';
import { windowKernels } from './kernels/windows';

export const BACKEND_NAME = 'onnx';

/** Every kernel that is recorded; tfjs-cpu answers for all others. */
const RECORDERS: Readonly<Record<string, Recorder>> = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...arrangementKernels,
  ...indexingKernels,
  ...linearKernels,
  ...windowKernels,
};

/** Registers with TF.js every kernel that tfjs-cpu has: recorded where there is a recorder, else run there. */
export function registerKernels(): void {
  for (const kernel of getKernelsForBackend('cpu')) {
    if (getKernel(kernel.kernelName, BACKEND_NAME) as KernelConfig | undefined) continue;
    registerKernel({
      kernelName: kernel.kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const onnx: unknown = backend;
        if (!(onnx instanceof OnnxBackend)) throw new TypeError('a kernel of the onnx backend was called for another');
        const tensors = tensorsOf(inputs);
        const recorder = RECORDERS[kernel.kernelName];
        // Strings are not computed on, and of tensors without elements ONNX has its own opinions.
        const isPlain = tensors.every(([, { dtype, shape }]) => isNative(dtype) && sizeOf(shape) > 0);
        const recorded = isPlain && recorder ? recordCall(recorder, onnx, tensors, attrs ?? {}) : null;
        return recorded ?? runOnCpu(kernel, onnx, inputs, attrs ?? {});
      },
    });
  }
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
  const tensorOf = (operand: Operand): TensorInfo => {
    const index = list.findIndex(({ op }) => op === operand.op);
    return index < 0 ? onnx.adopt(operand) : share(onnx, tensors[index]![1], operand);
  };
  return Array.isArray(output) ? output.map(tensorOf) : tensorOf(output);
}

/** A view of an input's data: the same data id with one reader more. */
function share(onnx: OnnxBackend, { dataId, dtype }: TensorInfo, { shape }: Operand): TensorInfo {
  onnx.incRef(dataId);
  return { dataId, shape: [...shape], dtype };
}
