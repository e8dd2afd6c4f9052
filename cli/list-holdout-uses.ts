import { existsSync } from 'node:fs';
import { ledgerDir, loadConfig } from '../ci';
import { countUses, readHoldoutUses, readSuite } from '../services/validation';
import { say } from './terminal';

/** Prints every model that was judged on the holdout of a suite, oldest first, and how many that makes. */
export async function listHoldoutUses(suite: string | undefined, overrides: string[]): Promise<void> {
  // The suite may be left out before overrides, and then the first of them stands in its place.
  const [path, ...rest] = suite?.includes('=') && !existsSync(suite) ? [undefined, suite] : [suite];
  const config = loadConfig([...rest, ...overrides]);
  const { holdout } = await readSuite(path ?? config.suite.file);
  const entries = await readHoldoutUses(ledgerDir(config), holdout.digest);
  say(`holdout ${holdout.digest} (${holdout.patients.length} patients of ${holdout.dataset})`);
  for (const { seq, at, bundle, suite } of entries) say(`${seq}  ${at}  model ${bundle}  suite ${suite}`);
  const { models, suites } = countUses(entries);
  if (models === 0) say('No model was judged on it.');
  else say(`${count(models, 'model')} judged on it, under ${count(suites, 'suite')}.`);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
