import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, lungate, startLungate } from '../../e2e/lungate';

/** A folder for one test, with a key of its own. */
export interface World {
  path: (...names: string[]) => string;
  /** Runs `lungate data import` as a user would; the log holds all that it printed. */
  runImport: (...args: string[]) => Promise<Outcome & { log: string }>;
  startImport: (...args: string[]) => ReturnType<typeof startLungate>;
}

export async function makeWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'import-'));
  const command = (args: string[]) => ['data', 'import', ...args, '--key-file', join(dir, 'secret', 'deid.key')];
  return {
    path: (...names) => join(dir, ...names),
    async runImport(...args) {
      const outcome = await lungate(dir, ...command(args));
      return { ...outcome, log: outcome.stdout + outcome.stderr };
    },
    startImport: (...args) => startLungate(dir, command(args)),
  };
}
