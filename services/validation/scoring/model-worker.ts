import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
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
    answer('ready');
    port.on('message', (message: WorkerBatch | 'close') => {
      // The session is released before the thread ends: a thread that is terminated takes the process with it.
      if (message === 'close') void close(session);
      else void run(session, message);
    });
  } catch (error) {
    answer({ problem: messageOf(error) });
    port.close();
  }

  async function close(session: InferenceSession): Promise<void> {
    await session.release();
    port.close();
  }

  async function run(session: InferenceSession, { hu, shape }: WorkerBatch): Promise<void> {
    try {
      const results = await session.run({ [input]: new Tensor('float32', Float32Array.from(hu), shape) }, [output]);
      answer({ probabilities: Float32Array.from(results[output]!.data as Float32Array) });
    } catch (error) {
      answer({ problem: messageOf(error) });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main(workerData as WorkerSetup);
