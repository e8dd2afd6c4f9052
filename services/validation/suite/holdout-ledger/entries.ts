import { readFile } from 'node:fs/promises';
import { digestJson, isDigest, readJson } from 'durable-files';
import { z } from 'zod';
import { validationError } from '../../errors';

/** One use of a holdout: a model was judged on it. Digests only, and not how it came out: that stands in the evidence. */
export interface HoldoutEntry {
  /** From 1. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  holdout: string;
  suite: string;
  bundle: string;
  /** Hash of the entry before. */
  previous: string;
  /** `digestJson` of all the rest. */
  hash: string;
}

export interface Ledger {
  entries: HoldoutEntry[];
  /** Bytes that hold them: what comes after is the part of an entry that a killed process was writing. */
  bytes: number;
  /** How many of the entries the head vouches for: all, or all but the last. */
  vouched: number;
}

const digest = z.string().refine(isDigest);
const entrySchema: z.ZodType<HoldoutEntry> = z.strictObject({
  seq: z.int().positive(),
  at: z.iso.datetime(),
  holdout: digest,
  suite: digest,
  bundle: digest,
  previous: digest,
  hash: digest,
});
const headSchema = z.strictObject({ seq: z.int().positive(), hash: digest });

const BEGINNING = `sha256:${'0'.repeat(64)}`;

/**
 * Reads a ledger and walks its chain. Its head, a file beside it that names the last entry, tells when entries are
 * missing at the end; a process that was killed between the two files leaves it one entry behind.
 *
 * @throws VALIDATION_LEDGER_EDITED
 */
export async function readLedger(path: string, holdout: string): Promise<Ledger> {
  const edited = (problem: string) => validationError('VALIDATION_LEDGER_EDITED', { path, problem });
  const head = () =>
    readHead(headOf(path)).catch(() => {
      throw edited('its head cannot be read');
    });
  // Others may write meanwhile: what stood in the head before must be there, and the head after must not be far behind.
  const before = await head();
  const content = await readFileIfThere(path);
  const after = await head();
  const bytes = content.lastIndexOf('\n') + 1;
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
  let previous = BEGINNING;
  const entries = lines.map((line, i) => {
    const entry = parseEntry(line);
    if (!entry) throw edited(`line ${i + 1} is not an entry`);
    const { hash, ...rest } = entry;
    if (rest.holdout !== holdout) throw edited(`line ${i + 1} is of another holdout`);
    if (rest.seq !== i + 1 || rest.previous !== previous || digestJson(rest) !== hash) {
      throw edited(`line ${i + 1} is not the one that was written there`);
    }
    previous = hash;
    return entry;
  });
  if (before && entries[before.seq - 1]?.hash !== before.hash) throw edited('entries are missing at its end');
  const vouched = after?.seq ?? 0;
  if (entries.length - vouched > 1) throw edited('its head is missing, or older than it');
  return { entries, bytes, vouched };
}

export function nextEntry(
  entries: readonly HoldoutEntry[],
  use: Pick<HoldoutEntry, 'holdout' | 'suite' | 'bundle'>,
  at: Date,
): HoldoutEntry {
  const { holdout, suite, bundle } = use;
  const previous = entries.at(-1)?.hash ?? BEGINNING;
  const entry = { seq: entries.length + 1, at: at.toISOString(), holdout, suite, bundle, previous };
  return { ...entry, hash: digestJson(entry) };
}

/** Where the head of a ledger lies. */
export function headOf(path: string): string {
  return path.replace(/\.jsonl$/, '.head.json');
}

function parseEntry(line: string): HoldoutEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function readHead(path: string): Promise<z.infer<typeof headSchema> | undefined> {
  const head = await readJson(path);
  return head === undefined ? undefined : headSchema.parse(head);
}

async function readFileIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
