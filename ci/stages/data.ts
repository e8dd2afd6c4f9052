import { existsSync } from 'node:fs';
import { isCodedError } from 'coded-error';
import { makeDataset, openDataset } from '../../datasets';
import type { PipelineContext } from '../context';
import { pipelineError } from '../errors';
import { sourceDigest } from '../source-digest';
import type { Stage } from '../stage';

/** Finds the dataset, or makes the phantom, and takes stock of it. */
export const dataStage: Stage<'data'> = {
  name: 'data',
  title: 'data',
  inputs: ({ config: { dataset } }) => ({ ...dataset, code: sourceDigest(`datasets/${dataset.name}`) }),

  async run(context, progress) {
    const { dataset } = context.config;
    await makeDataset(dataset, (done, total) => {
      progress(done, total, `${done} of ${total} ${dataset.name} scans`);
    });
    if (!existsSync(dataset.dir)) throw pipelineError('DATASET_MISSING', { dir: dataset.dir });
    return takeStock(context, progress);
  },

  // Changed files give another digest, and with it other stages; of what cannot be opened the next run tells why.
  holds: async (context, { dir, digest }) => {
    try {
      return dir === context.config.dataset.dir && (await takeStock(context)).digest === digest;
    } catch (error) {
      if (isCodedError(error)) return false;
      throw error;
    }
  },

  summary: ({ series, candidates, synthetic, dir }) =>
    `${series} ${synthetic ? 'phantom scans' : 'scans'}, ${candidates} candidates in ${dir}`,
};

async function takeStock(
  context: PipelineContext,
  progress?: (done: number, total: number, note: string) => void,
): Promise<{ dir: string; digest: string; series: number; candidates: number; synthetic: boolean }> {
  const { dataset } = context.config;
  context.dataset = await openDataset(dataset, {
    onProgress: (done, total) => progress?.(done, total, `${done} of ${total} scans read`),
  });
  const { digest, series, candidates, synthetic } = context.dataset.manifest;
  return { dir: dataset.dir, digest, series: series.length, candidates: candidates.length, synthetic };
}
