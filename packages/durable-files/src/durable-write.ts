import { randomBytes } from 'node:crypto';
import { open, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file so that a crash at any instant leaves the old content or the new, never a part:
 * temporary name beside it, fsync, rename, fsync of the folder. Missing folders are made.
 */
export async function writeFileDurably(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncPath(dirname(path));
}

export async function writeJsonDurably(path: string, value: unknown): Promise<void> {
  await writeFileDurably(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The parsed content, or undefined where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Puts a finished folder in its place: every file in it is fsynced, then the folder is renamed.
 * What stood at `final` is removed first; a crash between the two leaves nothing there, never a part.
 */
export async function replaceDirectory(finished: string, final: string): Promise<void> {
  for (const entry of await readdir(finished, { recursive: true, withFileTypes: true })) {
    await syncPath(join(entry.parentPath, entry.name));
  }
  await syncPath(finished);
  await mkdir(dirname(final), { recursive: true });
  await rm(final, { recursive: true, force: true });
  await rename(finished, final);
  await syncPath(dirname(final));
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
