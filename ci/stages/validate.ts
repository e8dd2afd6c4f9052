import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shortDigest } from 'durable-files';
import { readEvidence } from 'model-bundle';
import { readSplit } from '../../datasets';
import { policyDigest, readPolicy, readSuite, suiteDigest } from '../../services/validation';
import { type PipelineContext, resultOf } from '../context';
import { findChampion } from '../find-champion';
import { judgeModel } from '../judge-model';
import { sourceDigest } from '../source-digest';
import type { Stage } from '../stage';

/** Runs the fixed suite on the bundle. A model that fails ends the pipeline here, before anything is registered. */
export const validateStage: Stage<'validate'> = {
  name: 'validate',
  title: 'validate',
  inputs: async (context) => ({
    bundle: resultOf(context, 'train').bundleDigest,
    suite: suiteDigest(await readSuite(context.config.suite.file)),
    policy: policyDigest(await readPolicy(context.config.gate.file)),
    champion: await championInput(context),
    code: sourceDigest('services/validation'),
  }),

  async run(context, progress) {
    const { config } = context;
    const { bundleDir, bundleDigest } = resultOf(context, 'train');
    const evidenceDir = join(config.root, 'evidence', shortDigest(bundleDigest));
    const { evidenceDigest, report } = await judgeModel(config, {
      bundleDir,
      dataset: context.dataset!,
      split: await readSplit(resultOf(context, 'split').file),
      evidenceDir,
      onProgress: progress,
    });
    return { evidenceDir, evidenceDigest, verdict: 'pass', auc: report.figures['auc']!.value! };
  },

  holds: async (_context, { evidenceDir, evidenceDigest }) =>
    existsSync(evidenceDir) && (await readEvidence(evidenceDir)).digest === evidenceDigest,

  summary: ({ auc, evidenceDir }) => `PASS, holdout AUC ${auc.toFixed(3)}, report ${join(evidenceDir, 'report.html')}`,
};

/** A version never changes, so that its name stands for its bundle and for the threshold in its evidence. */
async function championInput(context: PipelineContext): Promise<string | null> {
  const champion = await findChampion(context.config, resultOf(context, 'train').bundleDigest);
  return champion === null || champion === 'left out' ? null : champion.version;
}
