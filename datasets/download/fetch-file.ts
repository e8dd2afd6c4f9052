import { isCodedError } from 'coded-error';
import { downloadError } from './errors';
import { PartFile } from './part-file';
import { PassingFailure, type Patience, isPassing, retryAfterMs, waitBefore } from './retry';

/** A file on a server, and what is known of it before it is fetched. */
export interface RemoteFile {
  name: string;
  url: string;
  /** Bytes. */
  size: number | null;
  /** 32 hexadecimal digits. */
  md5: string | null;
}

export interface FetchOptions {
  patience: Patience;
  signal: AbortSignal;
  /** Bytes that are there, again and again as they come. They may go back to 0. */
  onBytes?: (bytes: number) => void;
}

/**
 * Fetches a file to `target`, going on where an earlier attempt or process stopped. The connection may drop, stall and
 * be refused for a while; the file may change between attempts, and is then fetched anew. Bytes whose MD5 is wrong are
 * fetched once more.
 *
 * @throws CodedError DOWNLOAD_REFUSED, DOWNLOAD_FAILED, DOWNLOAD_CHECKSUM, DOWNLOAD_INTERRUPTED.
 */
export async function fetchFile(file: RemoteFile, target: string, options: FetchOptions): Promise<void> {
  const part = await PartFile.open(target, file.md5);
  try {
    for (const attempt of ['first', 'second']) {
      await fetchWhole(file, part, options);
      const found = part.md5();
      if (file.md5 === null || found === file.md5) {
        await part.finish();
        return;
      }
      if (attempt === 'second') {
        throw downloadError('DOWNLOAD_CHECKSUM', { name: file.name, expected: file.md5, found });
      }
      await part.restart({ validator: null });
    }
  } finally {
    await part.close();
  }
}

/** Until the part has its length. */
async function fetchWhole(file: RemoteFile, part: PartFile, options: FetchOptions): Promise<void> {
  const { patience, signal } = options;
  let tries = 1;
  while (!(file.size !== null && part.length === file.size)) {
    // With neither a checksum nor a mark of the server, nothing says that the file is still the same.
    if (part.length > 0 && file.md5 === null && part.validator === null) await part.restart();
    const before = part.length;
    try {
      await fetchRest(file, part, options);
      if (file.size === null) return;
    } catch (error) {
      if (signal.aborted) throw downloadError('DOWNLOAD_INTERRUPTED', {}, error);
      if (isCodedError(error)) throw error;
      if (!(error instanceof PassingFailure)) throw error;
      tries = part.length > before ? 1 : tries + 1;
      if (tries > patience.tries) {
        const details = { url: file.url, why: error.message, tries: patience.tries, bytes: part.length };
        throw downloadError('DOWNLOAD_FAILED', details, error);
      }
      await waitBefore(tries, patience, error, signal).catch((reason: unknown) => {
        throw downloadError('DOWNLOAD_INTERRUPTED', {}, reason);
      });
    }
  }
}

/** One request, from where the part ends. */
async function fetchRest(file: RemoteFile, part: PartFile, options: FetchOptions): Promise<void> {
  const stall = new AbortController();
  const watch = setTimeout(() => {
    stall.abort();
  }, options.patience.stallMs);
  try {
    const response = await request(file, part, AbortSignal.any([options.signal, stall.signal]));
    if (!(await settleStart(response, file, part))) return;
    options.onBytes?.(part.length);
    const length = expectedLength(response, file, part);
    // `fetch` types its body for browsers; Node's is an async iterable of bytes.
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      watch.refresh();
      if (length !== null && part.length + chunk.length > length) {
        await part.restart({ validator: null });
        throw new PassingFailure(`more than the ${length} bytes that were announced`);
      }
      await part.append(chunk);
      options.onBytes?.(part.length);
    }
    if (length !== null && part.length < length) throw new PassingFailure('the connection ended early');
  } catch (error) {
    if (isCodedError(error) || error instanceof PassingFailure || options.signal.aborted) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    throw new PassingFailure(stall.signal.aborted ? 'no byte came for long' : causeOf(error), undefined, error);
  } finally {
    clearTimeout(watch);
  }
}

function request({ url }: RemoteFile, part: PartFile, signal: AbortSignal): Promise<Response> {
  // Packed on the way, neither lengths nor ranges would be those of the file.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (part.length > 0) {
    headers['range'] = `bytes=${part.length}-`;
    if (part.validator !== null) headers['if-range'] = part.validator;
  }
  return fetch(url, { headers, signal });
}

/** Brings the part to where the response begins. False: there is nothing to read. */
async function settleStart(response: Response, file: RemoteFile, part: PartFile): Promise<boolean> {
  const { status, headers } = response;
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
    const fits = Number(start) === part.length && (file.size === null || Number(total) === file.size);
    if (fits) return true;
    await response.body?.cancel();
    await part.restart({ validator: null });
    throw new PassingFailure('the server sent another range than it was asked for');
  }
  if (status === 200) {
    const validator = strongEtag(headers.get('etag')) ?? headers.get('last-modified');
    await part.restart({ validator });
    return true;
  }
  await response.body?.cancel();
  if (status === 416) {
    await part.restart({ validator: null });
    throw new PassingFailure('the server has no such range');
  }
  if (!isPassing(status)) throw downloadError('DOWNLOAD_REFUSED', { url: file.url, status });
  throw new PassingFailure(`the server answered ${status}`, retryAfterMs(headers.get('retry-after')));
}

/** Of the whole file. */
function expectedLength(response: Response, file: RemoteFile, part: PartFile): number | null {
  if (file.size !== null) return file.size;
  const rest = response.headers.get('content-length');
  return rest === null ? null : part.length + Number(rest);
}

/** A weak one does not promise the same bytes, and If-Range does not take it (RFC 9110, section 13.1.5). */
function strongEtag(etag: string | null): string | null {
  return etag === null || etag.startsWith('W/') ? null : etag;
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
