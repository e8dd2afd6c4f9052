import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { RaiseFault } from './faults';

/** Bytes of a file. */
export interface FileRange {
  path: string;
  offset: number;
  length: number;
}

/** Opens a regular file for one piece of work. A pipe or device would wait for ever, so nothing else is opened. */
export async function withFile<T>(
  path: string,
  raise: RaiseFault,
  work: (file: FileHandle, length: number) => Promise<T>,
): Promise<T> {
  const refuse = (cause?: unknown): never => {
    throw raise('NOT_FOUND', { file: path }, cause);
  };
  const { size } = await stat(path).then((found) => (found.isFile() ? found : refuse()), refuse);
  const file = await open(path, 'r').catch(refuse);
  try {
    return await work(file, size);
  } finally {
    await file.close();
  }
}

export function fileLength(path: string, raise: RaiseFault): Promise<number> {
  return withFile(path, raise, (_file, length) => Promise.resolve(length));
}

/** The first `most` bytes of a file, or all of them. */
export function readHead(path: string, most: number, raise: RaiseFault): Promise<Uint8Array<ArrayBuffer>> {
  return withFile(path, raise, async (file, length) => {
    const bytes = new Uint8Array(Math.min(length, most));
    await fill(file, bytes, { path, offset: 0, length: bytes.length }, raise);
    return bytes;
  });
}

/** Reads a range into `target`, which is as long. */
export function readInto(target: Uint8Array, range: FileRange, raise: RaiseFault): Promise<void> {
  return withFile(range.path, raise, (file) => fill(file, target, range, raise));
}

/** `fs.readFile` stops at 2 GiB, and one read call too. */
async function fill(
  file: FileHandle,
  target: Uint8Array,
  { path, offset, length }: FileRange,
  raise: RaiseFault,
): Promise<void> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(target, filled, Math.min(length - filled, 1 << 30), offset + filled);
    if (bytesRead === 0) throw raise('TRUNCATED', { file: path, found: filled, expected: length });
    filled += bytesRead;
  }
}

/** The path of a file that a header names. A header from elsewhere must not make us read outside its folder. */
export function besideHeader(header: string, name: string, raise: RaiseFault): string {
  const relative = normalize(name.replaceAll('\\', '/'));
  if (isAbsolute(relative) || /^[A-Za-z]:/.test(relative) || relative === '..' || relative.startsWith('../')) {
    throw raise('UNSAFE_NAME', { file: header, name });
  }
  return join(dirname(header), relative);
}
