import { mkdir, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { importError } from './errors';
import { readText } from './read-text';

export const JOURNAL_FILE = 'lungate-import.jsonl';

const xyz = z.tuple([z.number(), z.number(), z.number()]);
const tally = z.array(z.object({ tag: z.string(), deed: z.string(), reason: z.string(), count: z.number() }));

const startSchema = z.object({
  kind: z.literal('start'),
  version: z.literal(1),
  profile: z.string(),
  keyFingerprint: z.string(),
  retainPatientCharacteristics: z.boolean(),
});

const seriesSchema = z.object({
  kind: z.literal('series'),
  seriesUid: z.string(),
  /** Pseudonym. */
  patient: z.string(),
  /** Keyed digest of the names and lengths of the source's instances. */
  source: z.string(),
  files: z.number(),
  slices: z.number(),
  spacingXyz: xyz,
  keptDicom: z.boolean(),
  acquisition: z.object({
    manufacturer: z.string(),
    model: z.string(),
    kernel: z.string(),
    sliceThicknessMm: z.number().nullable(),
    kvp: z.number().nullable(),
    tubeCurrentMa: z.number().nullable(),
    exposureMas: z.number().nullable(),
    sex: z.string(),
    ageDecade: z.string(),
  }),
  notes: z.array(z.string()),
  tally,
});

const refusedSchema = z.object({
  kind: z.literal('refused'),
  seriesUid: z.string(),
  reason: z.string(),
  files: z.number(),
});

const annotationsSchema = z.object({
  kind: z.literal('annotations'),
  seriesUid: z.string(),
  nodules: z.array(
    z.object({
      xyz,
      diameterMm: z.number(),
      malignancy: z.array(z.number()),
      characteristics: z.record(z.string(), z.number()).nullable(),
      box: z.object({ low: xyz, high: xyz }).nullable(),
    }),
  ),
  excluded: z.array(
    z.object({ xyz, diameterMm: z.number().nullable(), kind: z.enum(['few readers', 'below 3 mm', 'non-nodule']) }),
  ),
});

const entrySchema = z.discriminatedUnion('kind', [startSchema, seriesSchema, refusedSchema, annotationsSchema]);

export type ImportStart = z.infer<typeof startSchema>;
export type ImportedSeries = z.infer<typeof seriesSchema>;
export type RefusedSeries = z.infer<typeof refusedSchema>;
export type SeriesAnnotations = z.infer<typeof annotationsSchema>;
type Entry = z.infer<typeof entrySchema>;

/**
 * What was imported into a dataset, a line an event, in `lungate-import.jsonl`: nothing that names a patient. The tables and
 * the report are made from it, so a run that was killed at any instant goes on from what stands here.
 */
export interface Journal {
  start: ImportStart | undefined;
  /** The last word on each, by new UID. */
  series: Map<string, ImportedSeries>;
  refused: Map<string, RefusedSeries>;
  annotations: Map<string, SeriesAnnotations>;
  /** Is on disk when it returns. */
  append: (entry: Entry) => Promise<void>;
}

/** @throws CodedError IMPORT_JOURNAL_UNREADABLE. */
export async function openJournal(dir: string, { readOnly = false } = {}): Promise<Journal> {
  const file = join(dir, JOURNAL_FILE);
  const text = (await readText(file)) ?? '';
  const journal: Journal = {
    start: undefined,
    series: new Map(),
    refused: new Map(),
    annotations: new Map(),
    async append(entry) {
      take(journal, entry);
      if (!readOnly) await appendLine(dir, file, entry);
    },
  };
  // A last line without its end is what a killed run left of an event that never counted.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length && !readOnly) await truncate(file, Buffer.byteLength(whole));
  whole
    .split('\n')
    .slice(0, -1)
    .forEach((line, i) => {
      take(journal, parseLine(line, file, i + 1));
    });
  return journal;
}

function take(journal: Journal, entry: Entry): void {
  if (entry.kind === 'start') journal.start = entry;
  else if (entry.kind === 'annotations') journal.annotations.set(entry.seriesUid, entry);
  else if (entry.kind === 'refused') journal.refused.set(entry.seriesUid, entry);
  else {
    journal.refused.delete(entry.seriesUid);
    journal.series.set(entry.seriesUid, entry);
  }
}

function parseLine(line: string, file: string, number: number): Entry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch (cause) {
    throw importError('IMPORT_JOURNAL_UNREADABLE', { file, line: number }, cause);
  }
}

async function appendLine(dir: string, file: string, entry: Entry): Promise<void> {
  await mkdir(dir, { recursive: true });
  const handle = await open(file, 'a');
  try {
    await handle.write(`${JSON.stringify(entry)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
