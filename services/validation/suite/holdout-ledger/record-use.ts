import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock, writeJsonDurably } from 'durable-files';
import { validationError } from '../../errors';
import { headOf, nextEntry, readLedger, type HoldoutEntry, type Ledger } from './entries';

/** How worn a holdout was when a model was judged on it. The same model and suite always get the same numbers. */
export interface HoldoutUse {
  /** The model was the n-th that was judged on this holdout, counted from 1. */
  model: number;
  /** Under how many suites the holdout had been used when this model met this suite, this one included. */
  suites: number;
}

type Use = Pick<HoldoutEntry, 'holdout' | 'suite' | 'bundle'>;

/**
 * Notes that a model is judged on a holdout, and says how many were. What has returned is on disk. A use is counted
 * before anything is scored, so that no look at a holdout is lost with the process that looked; the same model under the
 * same suite again is no new look.
 *
 * @throws VALIDATION_LEDGER_EDITED, VALIDATION_LEDGER_BUSY
 */
export async function recordHoldoutUse(ledgerDir: string, use: Use): Promise<HoldoutUse> {
  const path = ledgerFile(ledgerDir, use.holdout);
  const known = numbersOf((await readLedger(path, use.holdout)).entries, use);
  if (known) return known;
  return withLedgerLock(path, async () => {
    const ledger = await readLedger(path, use.holdout);
    if (!isNoted(ledger.entries, use)) await append(path, ledger, nextEntry(ledger.entries, use, new Date()));
    return numbersOf((await readLedger(path, use.holdout)).entries, use)!;
  });
}

/** Every use of a holdout, oldest first. */
export async function readHoldoutUses(ledgerDir: string, holdout: string): Promise<HoldoutEntry[]> {
  return (await readLedger(ledgerFile(ledgerDir, holdout), holdout)).entries;
}

/** How many models were judged, and under how many suites. */
export function countUses(entries: readonly HoldoutEntry[]): { models: number; suites: number } {
  return {
    models: new Set(entries.map(({ bundle }) => bundle)).size,
    suites: new Set(entries.map(({ suite }) => suite)).size,
  };
}

function ledgerFile(ledgerDir: string, holdout: string): string {
  return join(ledgerDir, `${holdout.slice('sha256:'.length)}.jsonl`);
}

const isUse =
  ({ suite, bundle }: Use) =>
  (entry: HoldoutEntry) =>
    entry.suite === suite && entry.bundle === bundle;

function isNoted(entries: readonly HoldoutEntry[], use: Use): boolean {
  return entries.some(isUse(use));
}

/** By what stood in the ledger when this model came first, and when it met this suite: later uses change neither. */
function numbersOf(entries: readonly HoldoutEntry[], use: Use): HoldoutUse | undefined {
  const first = entries.findIndex(({ bundle }) => bundle === use.bundle);
  const met = entries.findIndex(isUse(use));
  if (met === -1) return undefined;
  return { model: countUses(entries.slice(0, first + 1)).models, suites: countUses(entries.slice(0, met + 1)).suites };
}

/** One line, fsynced, over whatever a killed process left unfinished; then the head, which vouches for it. */
async function append(path: string, { entries, bytes, vouched }: Ledger, entry: HoldoutEntry): Promise<void> {
  const last = entries.at(-1);
  if (last && vouched < last.seq) await writeHead(path, last);
  const file = await open(path, 'a');
  try {
    await file.truncate(bytes);
    await file.writeFile(`${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await writeHead(path, entry);
}

async function writeHead(path: string, { seq, hash }: HoldoutEntry): Promise<void> {
  await writeJsonDurably(headOf(path), { seq, hash });
}

async function withLedgerLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withFileLock(path, work, 30);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    throw validationError('VALIDATION_LEDGER_BUSY', { path }, error);
  }
}
