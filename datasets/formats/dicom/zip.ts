import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { type Entry, type ZipFile, openPromise } from 'yauzl';
import type { ByteSource } from './byte-source';
import { dicomError } from './errors';

const MOST_ENTRIES = 200_000;
/** Unpacked bytes an archive may tell of. Nothing is unpacked as a whole; this keeps the work bounded. */
const MOST_BYTES = 2 ** 38;
/** DICOM packs at 2:1 to 4:1; an archive of more than 256 MiB at 200:1 is made to exhaust its reader. */
const HIGHEST_RATIO = 200;
const RATIO_MATTERS_FROM = 2 ** 28;

export async function isZip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    // `PK\3\4`, or `PK\5\6` of an empty archive.
    return bytesRead === 4 && (buffer.readUInt32LE(0) === 0x04034b50 || buffer.readUInt32LE(0) === 0x06054b50);
  } finally {
    await handle.close();
  }
}

/** The files of a zip archive. Each is unpacked in memory, as far as it is read. */
export async function listZip(path: string): Promise<ByteSource[]> {
  const entries: Entry[] = [];
  let unpacked = 0;
  await withZip(path, async (zip) => {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      entries.push(entry);
      unpacked += entry.uncompressedSize;
      const ratioTooHigh = unpacked > RATIO_MATTERS_FROM && unpacked > HIGHEST_RATIO * zip.fileSize;
      if (entries.length > MOST_ENTRIES || unpacked > MOST_BYTES || ratioTooHigh)
        throw dicomError('DICOM_ZIP_TOO_LARGE', { path, entries: entries.length, unpacked, packed: zip.fileSize });
    }
  });
  return entries.map((entry) => zipSource(path, entry));
}

function zipSource(path: string, entry: Entry): ByteSource {
  return {
    name: entry.fileName,
    size: entry.uncompressedSize,
    read: (start, end) =>
      withZip(path, async (zip) => {
        if (entry.isEncrypted()) throw dicomError('DICOM_ZIP_ENCRYPTED', { path, file: entry.fileName });
        return readRange(await zip.openReadStreamPromise(entry), start, Math.min(end, entry.uncompressedSize));
      }),
  };
}

async function readRange(stream: Readable, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let position = 0;
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const wanted = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position));
      if (wanted.length > 0) chunks.push(wanted);
      length += wanted.length;
      position += chunk.length;
      if (position >= end) break;
    }
  } finally {
    stream.destroy();
  }
  const bytes = new Uint8Array(length);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

async function withZip<Result>(path: string, use: (zip: ZipFile) => Promise<Result>): Promise<Result> {
  const zip = await openPromise(path, { autoClose: false }).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return await use(zip);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    zip.close();
  }
}

function unreadable(path: string, cause: unknown): unknown {
  // The system's errors (a disk, a right) say it themselves; all else that yauzl and zlib throw is a damaged archive.
  if (!(cause instanceof Error) || 'hint' in cause || ('syscall' in cause && cause.syscall !== undefined)) return cause;
  return dicomError('DICOM_ZIP_DAMAGED', { path, why: cause.message }, cause);
}
