import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lunaWeightsFromPytorch } from '../../services/training';
import { selectEngine } from '../../services/training/engines';
import { createModel, emptyTally, type Batch } from '../../services/training/models';
import { CHANNELS, LABELS, PATCH_SIZE, type LunaTask } from '../luna/task';
import { trainingConfigOf } from '../luna/training-config';
import { answerRounds } from '../side-by-side/answer-rounds';

/** Our side of the training bench: the training service's own model and step on the onnx engine. */
async function main(task: LunaTask): Promise<void> {
  const engine = await selectEngine('onnx', task.threads);
  const model = createModel(trainingConfigOf(task), LABELS);
  const npz = readFileSync(join(task.folder, 'weights.npz'));
  model.module.setWeights(lunaWeightsFromPytorch(npz, { channels: CHANNELS, patchSize: PATCH_SIZE }));
  const nextBatch = batchesInTurn(task);

  await answerRounds({ name: `Lungate, onnxruntime ${engine.version}` }, async (request) => {
    const { steps } = request as { steps: number };
    const tally = emptyTally();
    const sums: number[] = [0];
    const batches = Array.from({ length: steps }, nextBatch);
    let firstStepSeconds = 0;
    const begun = performance.now();
    await model.fitEpoch({
      epoch: 0,
      batches,
      firstBatch: 0,
      tally,
      learningRate: () => task.learningRate,
      afterBatch: () => {
        if (sums.push(tally.lossSum) === 2) firstStepSeconds = (performance.now() - begun) / 1000;
        return Promise.resolve();
      },
    });
    const seconds = (performance.now() - begun) / 1000;
    const losses = sums.slice(1).map((sum, i) => (sum - sums[i]!) / task.batchSize);
    return { seconds, losses, firstStepSeconds, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
  });
}

/** The task's batches one after the other, for ever. */
function batchesInTurn({ folder, batchSize }: LunaTask): () => Batch {
  const bytes = readFileSync(join(folder, 'patches.f32'));
  const x = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const y = Uint8Array.from(readFileSync(join(folder, 'labels.u8')));
  const voxels = x.length / y.length;
  let start = 0;
  return () => {
    const end = start + batchSize;
    const batch = { x: x.slice(start * voxels, end * voxels), y: y.slice(start, end) };
    start = end % y.length;
    return batch;
  };
}

void main(JSON.parse(process.argv[2]!) as LunaTask);
