import { readFileSync } from 'node:fs';
import { openDataModule, type AugmentationConfig, type DataModule } from '../../datasets';
import { answerRounds } from '../side-by-side/answer-rounds';
import { benchDataset, type PatchCacheTask } from './task';

/** All that there is: every axis mirrored, moved, stretched and turned, and noise. */
const FULL: AugmentationConfig = { flip: true, shift: 0.1, scale: 0.1, zoom: 0.1, rotate: true, tilt: 10, noise: 25 };

/** Our side: the data module as training uses it, one epoch after the other. */
async function main(task: PatchCacheTask): Promise<void> {
  const dataset = benchDataset(task);
  const train = dataset.manifest.series.map(({ patientId }) => patientId);
  const { cacheDir, batchSize, workers } = task;
  const split = { train, validation: [], test: [] };
  const open = (augmentation: AugmentationConfig | null, threads: number) =>
    openDataModule({ dataset, split, cacheDir, batchSize, workers: threads, augmentation, seed: 1 });
  // To hand patches on as they are, one thread, the default of two cores, is faster than two.
  const streams = { plain: endless(await open(null, 1)), full: endless(await open(FULL, workers)) };

  await answerRounds({ name: 'Lungate' }, async (request) => {
    const { work, patches } = request as { work: keyof typeof streams; patches: number };
    const stream = streams[work];
    let sum = 0;
    // What was made ahead while others had their turn does not count.
    for (let i = 0; i < 2 * workers; i++) await stream.next();
    const begun = performance.now();
    for (let done = 0; done < patches; done += batchSize) sum += (await stream.next()).value[0]!;
    return { seconds: (performance.now() - begun) / 1000, sum };
  });
  process.exit();
}

async function* endless(data: DataModule): AsyncGenerator<Float32Array, never> {
  for (let epoch = 0; ; epoch++) {
    for await (const { x } of data.trainBatches(epoch, { reuse: true })) yield x;
  }
}

void main(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as PatchCacheTask);
