import type { Tensor } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { backendInUse, recordFunction } from '../export/record-function';
import { encodeModel } from '../graph/model-proto';
import type { LoweredOp } from '../lowerings/lower-graph';
import { importOnnxSync } from '../import';
import type { TensorDescription } from '../import';
import { blockSize } from '../session';

export interface TuneOptions {
  /** The sizes of batch to make a graph for. Default 1 and 8. */
  batchSizes?: readonly number[];
}

/** A model for this CPU and one size of batch. Not for shipping: another CPU may not take it, or run it slowly. */
export interface TunedGraph {
  batchSize: number;
  /** Takes and gives what the portable model does, by the same names. */
  onnx: Uint8Array<ArrayBuffer>;
  /** As the portable model describes them. */
  inputs: readonly TensorDescription[];
  /** What each kernel became. */
  lowered: readonly LoweredOp[];
}

/**
 * Rewrites a portable ONNX model for the CPU it is called on: the model is replayed as TF.js operations, recorded at
 * each size of batch, and lowered to ONNX Runtime's blocked kernels with its weights laid out for them. Needs the onnx
 * backend in use. Check the result against the portable model before relying on it; TunedSession does.
 *
 * @throws ONNX_IMPORT_* where the model uses what cannot be imported, ONNX_TUNE_NO_BLOCKS on a CPU without such kernels,
 *   ONNX_TUNE_FIXED_BATCH where an input or output has no free batch, ONNX_TUNE_NOTHING_TO_GAIN where none of its
 *   operators has a blocked kernel
 */
export function tuneOnnx(model: Uint8Array, { batchSizes = [1, 8] }: TuneOptions = {}): TunedGraph[] {
  const block = blockSize();
  if (block === null) throw onnxBackendError('ONNX_TUNE_NO_BLOCKS');
  const backend = backendInUse();
  const imported = importOnnxSync(model);
  try {
    const fixed = [...imported.inputs, ...imported.outputs].find(({ shape }) => shape[0] !== -1);
    if (fixed) throw onnxBackendError('ONNX_TUNE_FIXED_BATCH', { tensor: fixed.name });
    return batchSizes.map((batch) => {
      const target = { provider: 'cpu' as const, blockSize: block };
      const order = imported.outputs.map(({ name }) => name);
      const fn = (...inputs: Tensor[]) => imported.execute(inputs);
      const { graph, lowered } = recordFunction(backend, fn, imported.inputs, { batch, target, outputs: order });
      if (!lowered.some(({ lowering }) => lowering.startsWith('blocked'))) {
        throw onnxBackendError('ONNX_TUNE_NOTHING_TO_GAIN');
      }
      const information = { producer: 'tfjs-backend-onnx, tuned', metadata: imported.metadata };
      return { batchSize: batch, inputs: imported.inputs, lowered, onnx: encodeModel(graph, information) };
    });
  } finally {
    imported.dispose();
  }
}
