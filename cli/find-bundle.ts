import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from 'durable-files';
import { pipelineError, type LungateConfig } from '../ci';

/** The folder of a bundle: this one, or that of the run with this id. Fails with RUN_UNKNOWN. */
export async function findBundle(run: string, config: LungateConfig): Promise<string> {
  if (existsSync(join(run, 'manifest.json'))) return run;
  const runsDir = join(config.root, 'runs');
  for (const name of existsSync(runsDir) ? await readdir(runsDir) : []) {
    const known = (await readJson(join(runsDir, name, 'run.json'))) as { runId?: string } | undefined;
    if (known?.runId === run) return join(runsDir, name, 'bundle');
  }
  throw pipelineError('RUN_UNKNOWN', { run, dir: runsDir });
}
