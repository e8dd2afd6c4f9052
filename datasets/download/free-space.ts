import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { downloadError } from './errors';

/** Bytes that a user may still write where `dir` lies or will lie. */
export async function freeBytes(dir: string): Promise<number> {
  let folder = resolve(dir);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws CodedError DOWNLOAD_NO_SPACE. */
export async function assertSpace(dir: string, needed: number, free?: number): Promise<void> {
  const there = free ?? (await freeBytes(dir));
  if (there < needed) {
    throw downloadError('DOWNLOAD_NO_SPACE', { dir, needed: readableBytes(needed), free: readableBytes(there) });
  }
}

/** Such as `6.8 GB`: powers of 1000, as disks and networks count. */
export function readableBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]!}`;
}
