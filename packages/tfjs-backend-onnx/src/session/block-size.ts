import { OnnxGraph } from '../graph/onnx-graph';
import { encodeModel } from '../graph/model-proto';
import { createSyncSession, LOG_NOTHING } from './native-binding';

let probed: number | null | undefined;

/**
 * How many channels ONNX Runtime's blocked kernels on this CPU put in one block: 16 with AVX-512, 8 on other x64
 * CPUs, null where there are none. Found by asking: a blocked MaxPool refuses channels that are no multiple of its
 * block. Other CPUs (ARM) are not asked: there everything is portable, because no test here could hold it to that.
 */
export function blockSize(): number | null {
  if (process.arch !== 'x64') return null;
  if (probed === undefined) probed = [8, 16].find(acceptsChannels) ?? null;
  return probed;
}

function acceptsChannels(channels: number): boolean {
  const graph = new OnnxGraph();
  const dims = [1, channels, 4, 4];
  const x = graph.input('x', 'float32', dims);
  const pooled = graph.blocked('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  graph.output('y', pooled, 'float32', [1, channels, 2, 2]);
  try {
    const model = encodeModel(graph, { producer: 'probe', metadata: {} });
    const session = createSyncSession(model, { threads: 1, log: LOG_NOTHING });
    try {
      const feed = { values: new Float32Array(channels * 16), shape: dims, dtype: 'float32' as const };
      session.run({ x: feed }, ['y']);
      return true;
    } finally {
      session.release();
    }
  } catch {
    // The refusal is the answer.
    return false;
  }
}
