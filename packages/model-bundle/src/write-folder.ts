import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { replaceDirectory } from 'durable-files';

/** Writes a folder of files whole or not at all, in place of what stood there. */
export async function writeFolder(dir: string, files: Iterable<[string, Uint8Array | string]>): Promise<void> {
  const final = resolve(dir);
  const unfinished = join(dirname(final), `.${basename(final)}-${randomBytes(6).toString('hex')}.tmp`);
  await mkdir(unfinished, { recursive: true });
  try {
    for (const [name, bytes] of files) await writeFile(join(unfinished, name), bytes);
    await replaceDirectory(unfinished, final);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}
