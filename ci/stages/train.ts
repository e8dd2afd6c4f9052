import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestJson, shortDigest } from 'durable-files';
import { readBundle } from 'model-bundle';
import { readSplit } from '../../datasets';
import { train } from '../../services/training';
import { trainingPart } from '../config';
import { resultOf, type PipelineContext } from '../context';
import { sourceDigest } from '../source-digest';
import type { Stage } from '../stage';

/** Trains the network in a folder named by its inputs, so that a killed training is taken up where it was. */
export const trainStage: Stage<'train'> = {
  name: 'train',
  title: 'train',
  inputs,

  async run(context, progress) {
    const { config } = context;
    const { runId, bundleDir, bundleDigest, metrics } = await train({
      config: trainingPart(config),
      dataset: context.dataset!,
      data: {
        cacheDir: config.data.cache_dir,
        workers: config.data.workers ?? undefined,
        memoryMb: config.data.memory_mb,
      },
      split: await readSplit(resultOf(context, 'split').file),
      runDir: join(config.root, 'runs', shortDigest(digestJson(inputs(context)))),
      tracking: {
        client: context.tracking,
        experiment: config.experiment_name,
        tags: Object.fromEntries(config.tags.map((tag) => [tag, 'true'])),
        overrides: context.overrides,
      },
      signal: context.signal,
      onProgress: progress,
    });
    return { runId, bundleDir, bundleDigest, validationAuc: metrics['val_auc'] ?? NaN };
  },

  holds: async (_context, { bundleDir, bundleDigest }) =>
    existsSync(bundleDir) && (await readBundle(bundleDir)).digest === bundleDigest,

  summary: ({ runId, validationAuc }) => `validation AUC ${validationAuc.toFixed(3)}, run ${runId}`,
};

function inputs(context: PipelineContext) {
  return {
    dataset: resultOf(context, 'data').digest,
    split: resultOf(context, 'split').digest,
    config: trainingPart(context.config),
    code: sourceDigest('services/training', 'datasets', 'packages/tfjs-backend-onnx'),
  };
}
