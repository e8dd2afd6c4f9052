import '@tensorflow/tfjs-backend-cpu';
import { findBackend } from '@tensorflow/tfjs-core';
import type {
  DataId,
  KernelBackend,
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { OnnxBackend } from './backend';

/** Runs a kernel by tfjs-cpu: computes its inputs, copies them over, and the result back. Counted in `fallbacks`. */
export function runOnCpu(
  kernel: KernelConfig,
  onnx: OnnxBackend,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo | TensorInfo[] {
  onnx.fallbacks.set(kernel.kernelName, (onnx.fallbacks.get(kernel.kernelName) ?? 0) + 1);
  const cpu = cpuBackend();
  const lent: DataId[] = [];

  const lend = <T extends TensorInfo | undefined>(tensor: T): T => {
    // An optional input that TF.js left out.
    if (!tensor) return tensor;
    const dataId = cpu.write(onnx.readSync(tensor.dataId), tensor.shape, tensor.dtype);
    lent.push(dataId);
    return { dataId, shape: tensor.shape, dtype: tensor.dtype } as T;
  };
  const bringBack = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => {
    const values = cpu.readSync(dataId);
    cpu.disposeData(dataId);
    return { dataId: onnx.write(values, shape, dtype), shape, dtype };
  };

  try {
    const given = Object.fromEntries(
      Object.entries(inputs as Record<string, TensorInfo | TensorInfo[] | undefined>).map(([name, tensor]) => [
        name,
        Array.isArray(tensor) ? tensor.map(lend) : lend(tensor),
      ]),
    ) as NamedTensorInfoMap;
    const output = kernel.kernelFunc({ inputs: given, attrs, backend: cpu });
    return Array.isArray(output) ? output.map(bringBack) : bringBack(output);
  } finally {
    for (const dataId of lent) cpu.disposeData(dataId);
  }
}

function cpuBackend(): KernelBackend {
  const cpu = findBackend('cpu') as KernelBackend & { firstUse: boolean };
  // It would greet the user with advice to install another backend.
  cpu.firstUse = false;
  return cpu;
}
