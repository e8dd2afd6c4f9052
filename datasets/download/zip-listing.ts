import { PassThrough, type Readable } from 'node:stream';
import { type Entry, RandomAccessReader, type ZipFile, fromRandomAccessReaderPromise, openPromise } from 'yauzl';
import { downloadError } from './errors';

/** A file in an archive. */
export interface ZipEntry {
  /** Below the folder that holds all of the archive, with `/`. */
  path: string;
  /** Bytes, unpacked. */
  size: number;
  crc32: number;
  entry: Entry;
}

/** Deflate packs no file better than 1032 : 1 and no CT better than 10 : 1; what promises more is made to fill a disk. */
const GREATEST_GROWTH = 100;

/** Opens an archive and checks its list of files, before anything is unpacked. The caller closes it. */
export async function openZip(file: string): Promise<{ zip: ZipFile; entries: ZipEntry[] }> {
  let zip: ZipFile;
  try {
    zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw downloadError('DOWNLOAD_BAD_ARCHIVE', { file, why: (error as Error).message }, error);
  }
  try {
    return { zip, entries: await listEntries(zip, file) };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** The list of files of an archive on a server, through a few small requests; undefined where it gives no ranges. */
export async function listRemoteZip(url: string, size: number, signal: AbortSignal): Promise<ZipEntry[] | undefined> {
  try {
    const zip = await fromRandomAccessReaderPromise(new HttpReader(url, signal), size, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
    });
    try {
      return await listEntries(zip, url);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

class HttpReader extends RandomAccessReader {
  constructor(
    private readonly url: string,
    private readonly signal: AbortSignal,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = new PassThrough();
    this.pour(start, end, stream).catch((error: unknown) => stream.destroy(error as Error));
    return stream;
  }

  private async pour(start: number, end: number, stream: PassThrough): Promise<void> {
    const response = await fetch(this.url, {
      headers: { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' },
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(30_000)]),
    });
    if (response.status !== 206) {
      await response.body?.cancel();
      throw new Error(`${response.status} instead of a range`);
    }
    stream.end(Buffer.from(await response.arrayBuffer()));
  }
}

async function listEntries(zip: ZipFile, file: string): Promise<ZipEntry[]> {
  const bad = (why: string, cause?: unknown) => downloadError('DOWNLOAD_BAD_ARCHIVE', { file, why }, cause);
  const entries: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/')) entries.push(entry);
    }
  } catch (error) {
    // Also what points out of the folder: `..`, absolute and Windows paths.
    throw bad((error as Error).message, error);
  }
  for (const entry of entries) {
    if (entry.isEncrypted()) throw bad(`${entry.fileName} is encrypted`);
    if (!entry.canDecodeFileData()) throw bad(`${entry.fileName} is packed by method ${entry.compressionMethod}`);
    if (isLink(entry)) throw bad(`${entry.fileName} is a link`);
  }
  const unpacked = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (unpacked > GREATEST_GROWTH * zip.fileSize + 2 ** 20) throw bad(`it would grow to ${unpacked} bytes`);
  const listed = withoutTopFolder(entries);
  if (new Set(listed.map(({ path }) => path)).size < listed.length) throw bad('two of its files have the same name');
  return listed;
}

function withoutTopFolder(entries: readonly Entry[]): ZipEntry[] {
  const top = new Set(
    entries.map(({ fileName }) => (fileName.includes('/') ? fileName.slice(0, fileName.indexOf('/')) : '')),
  );
  const [only] = top;
  const skip = top.size === 1 && only ? only.length + 1 : 0;
  return entries.map((entry) => ({
    path: entry.fileName.slice(skip),
    size: entry.uncompressedSize,
    crc32: entry.crc32,
    entry,
  }));
}

/** Where it was made on Unix, the upper half of the attributes is the file's mode. */
function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  const S_IFMT = 0o170000;
  const S_IFLNK = 0o120000;
  return versionMadeBy >> 8 === 3 && ((externalFileAttributes >>> 16) & S_IFMT) === S_IFLNK;
}
