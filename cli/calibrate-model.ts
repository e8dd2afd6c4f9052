import { readBundle } from 'model-bundle';
import { loadConfig, splitFile } from '../ci';
import { openDataset, readSplit } from '../datasets';
import { calibrateBundle } from '../services/training';
import { findBundle } from './find-bundle';
import { say, startProgress } from './terminal';

/** Writes a new bundle whose probabilities fit the validation split better; what was said before stays in the same order. */
export async function calibrateModel(
  run: string,
  outDir: string,
  overrides: string[],
  { split }: { split?: string },
): Promise<void> {
  const config = loadConfig(overrides);
  const bundleDir = await findBundle(run, config);
  const { lineage } = await readBundle(bundleDir);
  const progress = startProgress('calibrate');
  const { bundle, temperature, cases, before, after } = await calibrateBundle({
    bundleDir,
    outDir,
    dataset: await openDataset(config.dataset),
    split: await readSplit(split ?? splitFile(config, lineage.split.digest)),
    threads: config.threads,
    onProgress: (done, total) => {
      progress.update(done, total);
    },
  });
  progress.end(`${cases} candidates of the validation split`);
  say(`temperature  ${temperature}`);
  say(`likelihood   ${before.toFixed(4)} → ${after.toFixed(4)} (mean negative log-likelihood, validation split)`);
  say(`bundle       ${bundle.digest} in ${outDir}`);
  say(`next         lungate validate ${outDir}`);
}
