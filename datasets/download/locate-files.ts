import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { downloadError } from './errors';
import type { RemoteFile } from './fetch-file';
import { type SourceFile, ZENODO } from './luna16-source';
import { type Patience, PassingFailure, isPassing, retryAfterMs, waitBefore } from './retry';

/** Where a file is, and how its bytes are known to be right. */
export interface LocatedFile extends SourceFile {
  /** Null: it is read from `path`. */
  remote: RemoteFile | null;
  /** In the folder of a mirror. */
  path: string | null;
  size: number | null;
  checkedBy: 'MD5 of the record' | 'MD5 of the mirror' | 'CRC-32 in the zip' | 'nothing';
}

export interface LocateOptions {
  /** A folder that holds the files, or the address above them. */
  mirror?: string;
  /** Zenodo, or what stands for it. */
  baseUrl?: string;
  patience: Patience;
  signal: AbortSignal;
}

/** @throws CodedError DOWNLOAD_BAD_RECORD, DOWNLOAD_NOT_IN_MIRROR, DOWNLOAD_REFUSED, DOWNLOAD_FAILED. */
export async function locateFiles(files: readonly SourceFile[], options: LocateOptions): Promise<LocatedFile[]> {
  const { mirror, baseUrl = ZENODO } = options;
  if (mirror === undefined) return locateInRecords(files, baseUrl, options);
  return /^https?:\/\//.test(mirror) ? locateOnMirror(files, mirror, options) : locateInFolder(files, mirror);
}

const recordSchema = z.object({
  files: z.array(
    z.object({
      key: z.string(),
      size: z.int().positive(),
      checksum: z.string().regex(/^md5:[0-9a-f]{32}$/),
    }),
  ),
});

/** Zenodo's REST API: `GET /api/records/<id>` lists the files with size and MD5, `…/files/<key>/content` is one. */
async function locateInRecords(
  files: readonly SourceFile[],
  baseUrl: string,
  options: LocateOptions,
): Promise<LocatedFile[]> {
  const listings = new Map<number, Map<string, { size: number; checksum: string }>>();
  for (const record of new Set(files.map((file) => file.record))) {
    const url = `${baseUrl}/api/records/${record}`;
    const response = await ask(url, 'GET', options);
    if (!response.ok) throw downloadError('DOWNLOAD_REFUSED', { url, status: response.status });
    const parsed = recordSchema.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success) {
      const why = parsed.error.issues[0]?.message ?? '';
      throw downloadError('DOWNLOAD_BAD_RECORD', { url, name: 'its files', why });
    }
    listings.set(record, new Map(parsed.data.files.map((file) => [file.key, file])));
  }
  return files.map((file) => {
    const listed = listings.get(file.record)?.get(file.name);
    const api = `${baseUrl}/api/records/${file.record}`;
    if (!listed) throw downloadError('DOWNLOAD_BAD_RECORD', { url: api, name: file.name, why: 'it is not there' });
    const md5 = listed.checksum.slice('md5:'.length);
    const remote = { name: file.name, url: `${api}/files/${file.name}/content`, size: listed.size, md5 };
    return { ...file, remote, path: null, size: listed.size, checkedBy: 'MD5 of the record' };
  });
}

async function locateOnMirror(
  files: readonly SourceFile[],
  mirror: string,
  options: LocateOptions,
): Promise<LocatedFile[]> {
  const base = mirror.replace(/\/+$/, '');
  const sums = await readMirrorSums(`${base}/md5sums.txt`, options);
  return Promise.all(
    files.map(async (file) => {
      const url = `${base}/${file.name}`;
      const response = await ask(url, 'HEAD', options);
      if (response.status === 404) throw downloadError('DOWNLOAD_NOT_IN_MIRROR', { mirror, name: file.name });
      if (!response.ok) throw downloadError('DOWNLOAD_REFUSED', { url, status: response.status });
      const length = response.headers.get('content-length');
      const size = length === null ? null : Number(length);
      const md5 = sums.get(file.name) ?? null;
      const remote = { name: file.name, url, size, md5 };
      return { ...file, remote, path: null, size, checkedBy: md5 === null ? ownCheck(file) : 'MD5 of the mirror' };
    }),
  );
}

/** What `md5sum * > md5sums.txt` writes; a mirror need not have it. */
async function readMirrorSums(url: string, options: LocateOptions): Promise<Map<string, string>> {
  const response = await ask(url, 'GET', options);
  const text = response.ok ? await response.text() : '';
  const lines = text.matchAll(/^([0-9a-f]{32}) [ *](\S+)$/gm);
  return new Map([...lines].map(([, md5, name]) => [name!, md5!]));
}

async function locateInFolder(files: readonly SourceFile[], folder: string): Promise<LocatedFile[]> {
  return Promise.all(
    files.map(async (file) => {
      // A mirror may hold candidates_V2.csv itself instead of its zip.
      for (const name of [file.name, file.becomes]) {
        const path = join(folder, name);
        const found = await stat(path).catch(() => undefined);
        if (found?.isFile()) {
          return { ...file, name, remote: null, path, size: found.size, checkedBy: ownCheck({ ...file, name }) };
        }
      }
      throw downloadError('DOWNLOAD_NOT_IN_MIRROR', { mirror: folder, name: file.name });
    }),
  );
}

function ownCheck({ name }: SourceFile): LocatedFile['checkedBy'] {
  return name.endsWith('.zip') ? 'CRC-32 in the zip' : 'nothing';
}

/** One small request, as patient as those for the files. */
async function ask(url: string, method: 'GET' | 'HEAD', { patience, signal }: LocateOptions): Promise<Response> {
  for (let tries = 1; ; tries++) {
    let failure: PassingFailure;
    try {
      const response = await fetch(url, {
        method,
        headers: { 'accept-encoding': 'identity' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience.stallMs)]),
      });
      if (!isPassing(response.status)) return response;
      await response.body?.cancel();
      failure = new PassingFailure(`answered ${response.status}`, retryAfterMs(response.headers.get('retry-after')));
    } catch (error) {
      if (signal.aborted) throw downloadError('DOWNLOAD_INTERRUPTED', {}, error);
      const { message, cause } = error as Error;
      failure = new PassingFailure(cause instanceof Error ? cause.message : message, undefined, error);
    }
    if (tries >= patience.tries) {
      throw downloadError('DOWNLOAD_FAILED', { url, why: failure.message, tries, bytes: 0 }, failure);
    }
    await waitBefore(tries, patience, failure, signal).catch((error: unknown) => {
      throw downloadError('DOWNLOAD_INTERRUPTED', {}, error);
    });
  }
}
