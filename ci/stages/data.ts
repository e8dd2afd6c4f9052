import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generatePhantom, openLuna16 } from '../../datasets';
import type { PipelineContext } from '../context';
import { pipelineError } from '../errors';
import { sourceDigest } from '../source-digest';
import type { Stage } from '../stage';

/** Finds the dataset, or makes the phantom, and takes stock of it. */
export const dataStage: Stage<'data'> = {
  name: 'data',
  title: 'data',
  inputs: ({ config }) =>
    config.dataset.name === 'phantom'
      ? { ...config.dataset, generator: sourceDigest('datasets/phantom') }
      : config.dataset,

  async run(context, progress) {
    const { dataset } = context.config;
    const { dir } = dataset;
    if (dataset.name === 'phantom') {
      await generatePhantom(dir, {
        seed: dataset.seed,
        scans: dataset.scans,
        onProgress: (done, total) => {
          progress(done, total, `${done} of ${total} phantom scans`);
        },
      });
    }
    return takeStock(context, dir);
  },

  // Changed files give another digest, and with it other stages.
  holds: async (context, result) =>
    existsSync(join(result.dir, 'candidates_V2.csv')) &&
    (await takeStock(context, result.dir)).digest === result.digest,

  summary: ({ series, candidates, synthetic, dir }) =>
    `${series} ${synthetic ? 'phantom scans' : 'scans'}, ${candidates} candidates in ${dir}`,
};

async function takeStock(context: PipelineContext, dir: string) {
  if (!existsSync(dir)) throw pipelineError('DATASET_MISSING', { dir });
  context.dataset = await openLuna16(dir);
  const { digest, series, candidates, synthetic } = context.dataset.manifest;
  return { dir, digest, series: series.length, candidates: candidates.length, synthetic };
}
