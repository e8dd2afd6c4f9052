import { readBundle } from 'model-bundle';
import { judgeModel, loadConfig, splitFile } from '../ci';
import { openDataset, readSplit } from '../datasets';
import { describePerformance, explainVerdict } from '../services/validation';
import { findBundle } from './find-bundle';
import { say, startProgress } from './terminal';

/** Judges a model by the suite. The verdict goes to standard output; a refusal is an error. */
export async function validateModel(
  run: string,
  overrides: string[],
  { evidence: evidenceDir, split, champion }: { evidence: string; split?: string; champion?: string },
): Promise<void> {
  const config = loadConfig(overrides);
  const bundleDir = await findBundle(run, config);
  const { lineage } = await readBundle(bundleDir);
  const progress = startProgress('validate');
  const { evidenceDigest, report, performance } = await judgeModel(config, {
    bundleDir,
    dataset: await openDataset(config.dataset),
    split: await readSplit(split ?? splitFile(config, lineage.split.digest)),
    evidenceDir,
    champion,
    onProgress: progress.update,
  });
  progress.end(`evidence ${evidenceDigest} in ${evidenceDir}`);
  for (const line of explainVerdict(report)) say(line);
  if (performance) say(describePerformance(performance));
}
