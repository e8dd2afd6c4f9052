import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread } from 'node:worker_threads';
import { decodeFrame, isSlowToDecode } from './codecs';
import type { DecodeAnswer, DecodeTask } from './decode-worker';
import { dicomError } from './errors';
import type { ImageFile, Slice } from './slices';
import type { StoredValues } from './stored-values';

/** Starting a thread takes as long as decoding about ten slices. */
const SLICES_A_WORKER = 16;
const MOST_WORKERS = 8;

export interface DecodePool {
  /** How many frames it decodes at once. */
  lanes: number;
  decode: (lane: number, code: Uint8Array<ArrayBuffer>, file: ImageFile) => Promise<StoredValues>;
  close: () => Promise<void>;
}

/** Decodes on worker threads where that is slow and there is enough of it; a caller on a worker thread has its own plan. */
export function openDecodePool(slices: readonly Slice[]): DecodePool {
  const slow = slices.filter(({ file }) => isSlowToDecode(file.coding)).length;
  const workers = isMainThread ? Math.min(Math.floor(slow / SLICES_A_WORKER), availableParallelism(), MOST_WORKERS) : 0;
  return workers > 1 ? workerPool(workers) : inPlace;
}

const inPlace: DecodePool = {
  // Two, so that the next file is read while one is decoded.
  lanes: 2,
  decode: (_lane, code, { coding, source }) => decodeFrame(code, coding, source.name),
  close: () => Promise.resolve(),
};

function workerPool(count: number): DecodePool {
  const workers = Array.from(
    { length: count },
    () => new Worker(join(__dirname, 'decode-worker.ts'), { execArgv: ['--require', require.resolve('tsx/cjs')] }),
  );
  return {
    lanes: count,
    async decode(lane, code, { coding, source }) {
      // Fragments are views of the whole file's bytes; only the code itself goes over.
      const answer = await ask(workers[lane]!, { code: code.slice(), coding });
      if ('stored' in answer) return answer.stored;
      throw dicomError('DICOM_DAMAGED', { file: source.name, why: answer.damaged });
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** One question at a time: each lane waits for its answer. */
function ask(worker: Worker, task: DecodeTask): Promise<DecodeAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: DecodeAnswer) => {
      worker.off('error', reject);
      resolve(answer);
    });
    worker.postMessage(task, [task.code.buffer]);
  });
}
