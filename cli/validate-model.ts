import { readBundle } from 'model-bundle';
import { judgeModel, loadConfig, splitFile } from '../ci';
import { openDataset, readSplit } from '../datasets';
import { describePerformance, explainVerdict, summaryMarkdown } from '../services/validation';
import { findBundle } from './find-bundle';
import { say, startProgress } from './terminal';
import { withSummaryOfRefusal, writeSummary } from './write-summary';

/** Judges a model by the suite. The verdict goes to standard output; a refusal is an error. */
export async function validateModel(
  run: string,
  overrides: string[],
  options: { evidence: string; split?: string; champion?: string; summary?: string },
): Promise<void> {
  const config = loadConfig(overrides);
  const { evidence: evidenceDir, split, champion, summary } = options;
  const progress = startProgress('validate');
  const { evidenceDigest, report, performance } = await withSummaryOfRefusal(summary, async () => {
    const bundleDir = await findBundle(run, config);
    const { lineage } = await readBundle(bundleDir);
    return judgeModel(config, {
      bundleDir,
      dataset: await openDataset(config.dataset),
      split: await readSplit(split ?? splitFile(config, lineage.split.digest)),
      evidenceDir,
      champion,
      onProgress: progress.update,
      onVerdict: (result) => writeSummary(summary, summaryMarkdown(result.report, result.evidenceDigest)),
    });
  });
  progress.end(`evidence ${evidenceDigest} in ${evidenceDir}`);
  for (const line of explainVerdict(report)) say(line);
  if (performance) say(describePerformance(performance));
}
