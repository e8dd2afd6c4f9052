import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from 'durable-files';
import { readBundle } from 'model-bundle';
import { judgeModel, loadConfig, pipelineError, splitFile, type LungateConfig } from '../ci';
import { openDataset, readSplit } from '../datasets';
import { explainVerdict } from '../services/validation';
import { say, startProgress } from './terminal';

/** Judges a model by the suite. The verdict goes to standard output; a refusal is an error. */
export async function validateModel(
  run: string,
  overrides: string[],
  { evidence: evidenceDir, split }: { evidence: string; split?: string },
): Promise<void> {
  const config = loadConfig(overrides);
  const bundleDir = await findBundle(run, config);
  const { lineage } = await readBundle(bundleDir);
  const progress = startProgress('validate');
  const { evidenceDigest, report } = await judgeModel(config, {
    bundleDir,
    dataset: await openDataset(config.dataset),
    split: await readSplit(split ?? splitFile(config, lineage.split.digest)),
    evidenceDir,
    onProgress: progress.update,
  });
  progress.end(`evidence ${evidenceDigest} in ${evidenceDir}`);
  for (const line of explainVerdict(report)) say(line);
}

async function findBundle(run: string, config: LungateConfig): Promise<string> {
  if (existsSync(join(run, 'manifest.json'))) return run;
  const runsDir = join(config.root, 'runs');
  for (const name of existsSync(runsDir) ? await readdir(runsDir) : []) {
    const known = (await readJson(join(runsDir, name, 'run.json'))) as { runId?: string } | undefined;
    if (known?.runId === run) return join(runsDir, name, 'bundle');
  }
  throw pipelineError('RUN_UNKNOWN', { run, dir: runsDir });
}
