import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import type { Unpacked } from './unpack-zip';

/** Everything that a download keeps for itself, in the dataset's folder: parts, archives, and what is done. */
export const WORK_FOLDER = '.lungate-download';

const stateSchema = z.object({
  version: z.literal(1),
  done: z.record(z.string(), z.object({ checkedBy: z.string(), files: z.array(z.tuple([z.string(), z.number()])) })),
});

export type DownloadState = z.infer<typeof stateSchema>;

const stateFile = (dir: string) => join(dir, WORK_FOLDER, 'state.json');

/** What earlier downloads finished; nothing where there was none, or its file is damaged. */
export async function readState(dir: string): Promise<DownloadState> {
  const found = await readJson(stateFile(dir)).catch(() => undefined);
  return stateSchema.safeParse(found).data ?? { version: 1, done: {} };
}

export async function keepState(dir: string, state: DownloadState): Promise<void> {
  await writeJsonDurably(stateFile(dir), state);
}

/** Whether all of these files are there with their lengths. */
export async function areWhole(dir: string, files: Unpacked): Promise<boolean> {
  if (files.length === 0) return false;
  for (const [path, size] of files) {
    const found = await stat(join(dir, path)).catch(() => undefined);
    if (found?.size !== size) return false;
  }
  return true;
}
