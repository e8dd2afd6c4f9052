import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { ZipFile } from 'yauzl';
import { downloadError } from './errors';
import { assertSpace } from './free-space';
import { type ZipEntry, openZip } from './zip-listing';

export interface UnpackOptions {
  signal: AbortSignal;
  onBytes?: (bytes: number) => void;
}

/** What an archive has become: path in the dataset's folder, and bytes. */
export type Unpacked = [path: string, size: number][];

/**
 * Unpacks an archive into the dataset's folder: into the folder `becomes`, or, where that has an extension, the one
 * file of this name. All is unpacked under `scratch` and checked by its CRC-32 first, and then moved, headers last, so
 * that a crash leaves no header without its voxels. Other files of the folder stay as they are.
 *
 * @throws CodedError DOWNLOAD_BAD_ARCHIVE, DOWNLOAD_NO_SPACE, DOWNLOAD_INTERRUPTED.
 */
export async function unpackZip(
  file: string,
  dir: string,
  becomes: string,
  scratch: string,
  { signal, onBytes }: UnpackOptions,
): Promise<Unpacked> {
  const { zip, entries } = await openZip(file);
  try {
    const wanted = chooseEntries(file, entries, becomes);
    await assertSpace(
      dir,
      wanted.reduce((sum, { entry }) => sum + entry.size, 0),
    );
    await rm(scratch, { recursive: true, force: true });
    let written = 0;
    for (const { entry, path } of wanted) {
      await unpackEntry(zip, entry, join(scratch, path), file, signal, (bytes) => onBytes?.((written += bytes)));
    }
    await moveAll(
      wanted.map(({ path }) => path),
      scratch,
      dir,
    );
    await rm(scratch, { recursive: true, force: true });
    return wanted.map(({ entry, path }) => [path, entry.size]);
  } catch (error) {
    if (signal.aborted) throw downloadError('DOWNLOAD_INTERRUPTED', {}, error);
    throw error;
  } finally {
    zip.close();
  }
}

/** The files of an archive, and where in the dataset's folder each belongs. */
export function chooseEntries(
  file: string,
  entries: readonly ZipEntry[],
  becomes: string,
): { entry: ZipEntry; path: string }[] {
  const isFile = extname(becomes) !== '';
  const chosen = entries
    .filter(({ path }) => !isFile || path === becomes || path.endsWith(`/${becomes}`))
    .map((entry) => ({ entry, path: isFile ? becomes : join(becomes, entry.path) }));
  if (chosen.length === 0 || (isFile && chosen.length > 1)) {
    throw downloadError('DOWNLOAD_BAD_ARCHIVE', { file, why: `it should hold ${becomes}` });
  }
  return chosen;
}

async function unpackEntry(
  zip: ZipFile,
  { entry, crc32: expected }: ZipEntry,
  target: string,
  file: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(await zip.openReadStreamPromise(entry), check, createWriteStream(target, { flush: true }), {
      signal,
    });
  } catch (error) {
    if (signal.aborted || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    throw downloadError('DOWNLOAD_BAD_ARCHIVE', { file, why: `${entry.fileName}: ${(error as Error).message}` }, error);
  }
  if (sum !== expected) throw downloadError('DOWNLOAD_BAD_ARCHIVE', { file, why: `${entry.fileName} is damaged` });
}

async function moveAll(paths: readonly string[], scratch: string, dir: string): Promise<void> {
  const isHeader = (path: string) => /\.mh[ad]$/.test(path);
  const folders = new Set<string>();
  for (const path of [...paths.filter((each) => !isHeader(each)), ...paths.filter(isHeader)]) {
    const target = join(dir, path);
    if (!folders.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
    folders.add(dirname(target));
    await rename(join(scratch, path), target);
  }
  for (const folder of folders) {
    const handle = await open(folder, 'r');
    await handle.sync();
    await handle.close();
  }
}
