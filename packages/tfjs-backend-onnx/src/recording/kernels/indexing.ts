/** Kernels that read or write at places given by another tensor. */
import { util } from '@tensorflow/tfjs-core';
import type { GatherV2Attrs } from '@tensorflow/tfjs-core';
import type { Operand } from '../../graph/op';
import { axesOf, dtypeOf, input, record } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';

export const indexingKernels: Record<string, Recorder> = {
  GatherV2: gather,
};

function gather(call: KernelCall): Operand | null {
  const [x, indices] = [input(call, 'x'), input(call, 'indices')];
  const { axis, batchDims } = call.attributes as unknown as GatherV2Attrs;
  if (batchDims !== 0 || dtypeOf(indices) !== 'int32') return null;
  const [at] = axesOf(axis, x.shape);
  refuseOutside(indices, x.shape[at!]!);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at! + 1)];
  return record('GatherV2', [x, indices], { axis: at! }, shape, dtypeOf(x));
}

/** Indices whose values are known are checked when TF.js asks, as tfjs-cpu does; ONNX Runtime checks all of them. */
function refuseOutside(indices: Operand, size: number): void {
  for (const index of indices.op.value ?? []) {
    util.assert(index >= 0 && index < size, () => `GatherV2: the index value ${index} is not in [0, ${size - 1}]`);
  }
}
