import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphTensor } from './contract';
import type { WorkerAnswer, WorkerBatch, WorkerSetup } from './model-pool';

/** Runs one model, a batch a message. `run()` of onnxruntime-node blocks its thread, so it gets this one. */
async function main({ modelPath, input, output }: WorkerSetup): Promise<void> {
  const port = parentPort!;
  const answer = (message: WorkerAnswer) => {
    port.postMessage(message);
  };
  try {
    // One thread a session: batches run beside each other, and no sum depends on how many cores there are.
    const session = await InferenceSession.create(modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const tensors = (metadata: readonly InferenceSession.ValueMetadata[]): GraphTensor[] =>
      metadata.map((value) =>
        value.isTensor
          ? { name: value.name, type: value.type, shape: value.shape }
          : { name: value.name, type: 'not a tensor', shape: [] },
      );
    answer({ graph: { inputs: tensors(session.inputMetadata), outputs: tensors(session.outputMetadata) } });
    port.on('message', ({ id, hu, shape }: WorkerBatch) => {
      session
        .run({ [input]: new Tensor('float32', Float32Array.from(hu), shape) }, [output])
        .then((results) => {
          answer({ id, probabilities: Float32Array.from(results[output]!.data as Float32Array) });
        })
        .catch((error: unknown) => {
          answer({ id, problem: messageOf(error) });
        });
    });
  } catch (error) {
    answer({ problem: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main(workerData as WorkerSetup);
