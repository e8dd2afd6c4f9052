import '@tensorflow/tfjs-backend-cpu';
import { findBackend, getKernel } from '@tensorflow/tfjs-core';
import type {
  DataId,
  KernelBackend,
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import { isCodedError } from 'coded-error';
import { onnxBackendError } from '../errors';
import type { OnnxBackend } from './backend';

/** Runs a kernel by tfjs-cpu: computes its inputs, copies them over, and the result back. */
export function runOnCpu(
  kernel: KernelConfig,
  onnx: OnnxBackend,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo | TensorInfo[] {
  const cpu = cpuBackend();
  const lent: DataId[] = [];

  const lend = <T extends TensorInfo | undefined>(tensor: T): T => {
    // An optional input that TF.js left out.
    if (!tensor) return tensor;
    const { shape, dtype } = tensor;
    const parts = onnx.partsOfComplex(tensor.dataId);
    const dataId = parts
      ? pairOnCpu(cpu, lend(parts.real), lend(parts.imag))
      : cpu.write(onnx.readSync(tensor.dataId), shape, dtype);
    lent.push(dataId);
    // The rank is for Dilation2D's gradients, which ask for it.
    return { dataId, shape, dtype, rank: shape.length } as unknown as T;
  };
  const bringBack = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => {
    const values = cpu.readSync(dataId);
    cpu.disposeData(dataId);
    return { dataId: onnx.write(values, shape, dtype), shape, dtype };
  };
  const lendAll = (given: NamedTensorInfoMap): NamedTensorInfoMap =>
    Object.fromEntries(
      Object.entries(given as Record<string, TensorInfo | TensorInfo[] | undefined>).map(([name, tensor]) => [
        name,
        Array.isArray(tensor) ? tensor.map(lend) : lend(tensor),
      ]),
    ) as NamedTensorInfoMap;

  try {
    // Kernels that take any number of tensors (Concat, Einsum) get an array of them.
    const given = Array.isArray(inputs) ? (inputs as TensorInfo[]).map(lend) : lendAll(inputs);
    const output = kernel.kernelFunc({ inputs: given as NamedTensorInfoMap, attrs, backend: cpu });
    return Array.isArray(output) ? output.map(bringBack) : bringBack(output);
  } catch (error) {
    // While a function is recorded for export there are no values to compute on: say which kernel wanted them.
    if (!isCodedError(error) || error.code !== 'ONNX_EXPORT_READ_INSIDE') throw error;
    throw onnxBackendError('ONNX_EXPORT_KERNEL', { kernel: kernel.kernelName }, error);
  } finally {
    for (const dataId of lent) cpu.disposeData(dataId);
  }
}

/** A complex tensor of tfjs-cpu, which copies its two parts. */
function pairOnCpu(cpu: KernelBackend, real: TensorInfo, imag: TensorInfo): DataId {
  const complex = getKernel('Complex', 'cpu').kernelFunc({ inputs: { real, imag }, attrs: {}, backend: cpu });
  return (complex as TensorInfo).dataId;
}

function cpuBackend(): KernelBackend {
  const cpu = findBackend('cpu') as KernelBackend & { firstUse: boolean };
  // It would greet the user with advice to install another backend.
  cpu.firstUse = false;
  return cpu;
}
