import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEvidence } from 'model-bundle';
import { readSplit } from '../../datasets';
import { explainVerdict, readSuite, validate } from '../../services/validation';
import { gateKeyDir } from '../config';
import { resultOf } from '../context';
import { pipelineError } from '../errors';
import { sourceDigest } from '../source-digest';
import type { Stage } from '../stage';

/** Runs the fixed suite on the bundle. A model that fails ends the pipeline here, before anything is registered. */
export const validateStage: Stage<'validate'> = {
  name: 'validate',
  title: 'validate',
  inputs: (context) => ({
    bundle: resultOf(context, 'train').bundleDigest,
    suite: context.config.suite.file,
    code: sourceDigest('services/validation'),
  }),

  async run(context, progress) {
    const { config } = context;
    const { bundleDir, bundleDigest } = resultOf(context, 'train');
    const evidenceDir = join(config.root, 'evidence', bundleDigest.slice('sha256:'.length, 19));
    const { verdict, evidenceDigest, report } = await validate({
      bundleDir,
      suitePath: config.suite.file,
      dataset: context.dataset!,
      split: await readSplit(resultOf(context, 'split').file),
      evidenceDir,
      keyDir: gateKeyDir(config),
      onProgress: progress,
    });
    if (verdict === 'fail') {
      const { model } = await readSuite(config.suite.file);
      throw pipelineError('GATE_REFUSED', {
        model,
        reasons: explainVerdict(report)
          .map((line) => `\n  ${line}`)
          .join(''),
        report: join(evidenceDir, 'report.html'),
      });
    }
    return { evidenceDir, evidenceDigest, verdict, auc: report.figures.auc.value };
  },

  holds: async (_context, { evidenceDir, evidenceDigest }) =>
    existsSync(evidenceDir) && (await readEvidence(evidenceDir)).digest === evidenceDigest,

  summary: ({ auc, evidenceDir }) => `PASS, holdout AUC ${auc.toFixed(3)}, report ${join(evidenceDir, 'report.html')}`,
};
