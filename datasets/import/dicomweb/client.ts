import { setTimeout as sleep } from 'node:timers/promises';
import { isCodedError } from 'coded-error';
import { z } from 'zod';
import { dicomwebError } from './errors';
import { splitMultipart } from './multipart';

export interface DicomwebOptions {
  /** Where `/studies` lies under. */
  url: string;
  /** Plain http to another machine is refused unless this is set. */
  allowHttp?: boolean;
  /** Bearer token, or user and password; taken from the environment by `credentialsFromEnvironment`. */
  authorization?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What to ask a server for; everything it has where all are empty. */
export interface SeriesQuery {
  studies: readonly string[];
  patients: readonly string[];
  series: readonly string[];
}

export interface RemoteSeries {
  studyUid: string;
  seriesUid: string;
}

export interface DicomwebClient {
  /** CT series, by QIDO-RS. */
  findSeries: (query: SeriesQuery) => Promise<RemoteSeries[]>;
  /** SOP instance UIDs of a series, by QIDO-RS. */
  listInstances: (series: RemoteSeries) => Promise<string[]>;
  /** The DICOM file of an instance, by WADO-RS, in the transfer syntax that the server holds. */
  fetchInstance: (series: RemoteSeries, sopInstanceUid: string) => Promise<Buffer>;
}

const TRIES = 4;
const TIMEOUT_MS = 120_000;
const PAGE = 200;
const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);
const STUDY_UID = '0020000D';
const SERIES_UID = '0020000E';
const INSTANCE_UID = '00080018';

const answerSchema = z.array(z.record(z.string(), z.object({ Value: z.array(z.unknown()).optional() }).loose()));

/** `LUNGATE_DICOMWEB_TOKEN`, or `LUNGATE_DICOMWEB_USER` and `LUNGATE_DICOMWEB_PASSWORD`. */
export function credentialsFromEnvironment(environment = process.env): string | undefined {
  const {
    LUNGATE_DICOMWEB_TOKEN: token,
    LUNGATE_DICOMWEB_USER: user,
    LUNGATE_DICOMWEB_PASSWORD: password,
  } = environment;
  if (token) return `Bearer ${token}`;
  return user ? `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` : undefined;
}

/**
 * A client of QIDO-RS and WADO-RS (PS3.18). Each request is tried up to four times where the server or the network fails.
 *
 * @throws CodedError DICOMWEB_BAD_URL, DICOMWEB_PLAIN_HTTP; its methods DICOMWEB_UNREACHABLE, _REFUSED, _BAD_ANSWER.
 */
export function createDicomwebClient(options: DicomwebOptions): DicomwebClient {
  const base = checkedUrl(options);
  const get = (path: string, accept: string, what: string) => request(`${base.href}/${path}`, accept, what, options);

  async function query(path: string, parameters: [string, string][], what: string): Promise<Record<string, string>[]> {
    const found: Record<string, string>[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const search = new URLSearchParams([...parameters, ['limit', String(PAGE)], ['offset', String(offset)]]);
      const { body } = await get(`${path}?${search.toString()}`, 'application/dicom+json', what);
      const page = parseAnswer(body, base.host, what);
      const known = new Set(found.map((row) => JSON.stringify(row)));
      const fresh = page.filter((row) => !known.has(JSON.stringify(row)));
      found.push(...fresh);
      // A server that knows no offset would answer the same page for ever.
      if (page.length < PAGE || fresh.length === 0) return found;
    }
  }

  async function seriesOf(studyUid: string): Promise<RemoteSeries[]> {
    const rows = await query(`studies/${studyUid}/series`, [['Modality', 'CT']], 'the list of series');
    return rows
      .map((row) => ({ studyUid, seriesUid: row[SERIES_UID] ?? '' }))
      .filter(({ seriesUid }) => seriesUid !== '');
  }

  return {
    async findSeries({ studies, patients, series }) {
      const studyUids = new Set(studies);
      const questions: [string, string][][] = patients.map((patient) => [['PatientID', patient]]);
      if (studies.length + patients.length + series.length === 0) questions.push([['ModalitiesInStudy', 'CT']]);
      for (const question of questions) {
        for (const row of await query('studies', question, 'the search for studies'))
          studyUids.add(row[STUDY_UID] ?? '');
      }
      const found = new Map<string, RemoteSeries>();
      for (const studyUid of studyUids) {
        for (const one of studyUid === '' ? [] : await seriesOf(studyUid)) found.set(one.seriesUid, one);
      }
      for (const seriesUid of series.filter((uid) => !found.has(uid))) {
        const rows = await query(
          'series',
          [
            ['SeriesInstanceUID', seriesUid],
            ['includefield', 'StudyInstanceUID'],
          ],
          'the search for a series',
        );
        for (const row of rows) if (row[STUDY_UID]) found.set(seriesUid, { studyUid: row[STUDY_UID], seriesUid });
      }
      const wanted = new Set(series);
      return [...found.values()].filter(({ seriesUid }) => wanted.size === 0 || wanted.has(seriesUid));
    },

    async listInstances({ studyUid, seriesUid }) {
      const rows = await query(`studies/${studyUid}/series/${seriesUid}/instances`, [], 'the list of instances');
      return rows.map((row) => row[INSTANCE_UID] ?? '').filter((uid) => uid !== '');
    },

    async fetchInstance({ studyUid, seriesUid }, sopInstanceUid) {
      const what = 'the request for an instance';
      const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
      const { body, contentType } = await get(
        `studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`,
        accept,
        what,
      );
      const parts = /^application\/dicom\b/i.test(contentType) ? [body] : splitMultipart(body, contentType);
      const [part] = parts ?? [];
      if (part?.toString('latin1', 128, 132) !== 'DICM') {
        throw dicomwebError('DICOMWEB_BAD_ANSWER', { host: base.host, what, why: 'no DICOM file came' });
      }
      return part;
    },
  };
}

function checkedUrl({ url, allowHttp = false }: DicomwebOptions): { href: string; host: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') {
    throw dicomwebError('DICOMWEB_BAD_URL', { url: parsed ? `${parsed.protocol}//${parsed.host}` : 'this' });
  }
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === 'http:' && !isLoopback && !allowHttp) {
    throw dicomwebError('DICOMWEB_PLAIN_HTTP', { host: parsed.host });
  }
  return { href: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, host: parsed.host };
}

interface Answer {
  body: Buffer;
  contentType: string;
}

async function request(
  url: string,
  accept: string,
  what: string,
  { authorization, signal }: DicomwebOptions,
): Promise<Answer> {
  const { host } = new URL(url);
  const headers = { accept, ...(authorization !== undefined && { authorization }) };
  for (let attempt = 1; ; attempt++) {
    try {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(url, {
        headers,
        // A redirect could lead the credentials and the scans elsewhere.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      if (response.status === 204) return { body: Buffer.from('[]'), contentType: 'application/dicom+json' };
      if (!response.ok) {
        await response.body?.cancel();
        const error = dicomwebError('DICOMWEB_REFUSED', {
          host,
          status: response.status,
          what,
          way: wayOut(response.status),
        });
        if (!RETRIED.has(response.status) || attempt >= TRIES) throw error;
      } else {
        const body = Buffer.from(await response.arrayBuffer());
        return { body, contentType: response.headers.get('content-type') ?? '' };
      }
    } catch (cause) {
      if (signal?.aborted || isCodedError(cause)) throw cause;
      // The cause's own message would name the address with its UIDs.
      const why = causeCode(cause);
      if (attempt >= TRIES) throw dicomwebError('DICOMWEB_UNREACHABLE', { host, tries: TRIES, why });
    }
    await sleep(250 * 4 ** (attempt - 1), undefined, signal ? { signal } : {});
  }
}

function causeCode(error: unknown): string {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  return typeof cause?.code === 'string'
    ? cause.code
    : name === 'TimeoutError'
      ? 'it took too long'
      : 'the connection broke';
}

function wayOut(status: number): string {
  if (status === 401 || status === 403) {
    return 'Set LUNGATE_DICOMWEB_TOKEN, or LUNGATE_DICOMWEB_USER and LUNGATE_DICOMWEB_PASSWORD, to an account that may read.';
  }
  if (status === 404) return 'Check the address and the UIDs: the server does not have this.';
  if (status >= 300 && status < 400) return 'The server sends elsewhere; give the address that it leads to.';
  return 'Look into the log of the server, then run the same command again: what has arrived is kept.';
}

/** The values of each row's attributes, as text. */
function parseAnswer(body: Buffer, host: string, what: string): Record<string, string>[] {
  try {
    return answerSchema.parse(JSON.parse(body.toString('utf8'))).map((row) =>
      Object.fromEntries(
        [STUDY_UID, SERIES_UID, INSTANCE_UID].flatMap((tag) => {
          const value = row[tag]?.Value?.[0];
          return typeof value === 'string' && /^[\d.]{1,64}$/.test(value) ? [[tag, value]] : [];
        }),
      ),
    );
  } catch {
    throw dicomwebError('DICOMWEB_BAD_ANSWER', { host, what, why: 'it is no list in DICOM JSON' });
  }
}
