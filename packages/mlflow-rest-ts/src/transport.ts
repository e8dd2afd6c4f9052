import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MlflowApiError, mlflowError } from './errors';

export interface MlflowClientOptions {
  /** Root of the server, as in `http://127.0.0.1:5000`. */
  trackingUri: string;
  token?: string;
  username?: string;
  password?: string;
  fetch?: typeof fetch;
  /** Ends every request, and the waits between them. */
  signal?: AbortSignal;
  /** How often a request is repeated after the first try. */
  retries?: number;
  /** First wait in ms; each further one doubles, with up to half of it at random. */
  backoffMs?: number;
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, string | number | undefined>;
  json?: unknown;
  bytes?: Uint8Array | string;
  /** Whether the same call twice leaves what one leaves. Only then is it repeated after it may have arrived. */
  idempotent: boolean;
}

export interface Transport {
  json: <T>(call: Call, reply: z.ZodType<T>) => Promise<T>;
  bytes: (call: Call) => Promise<Uint8Array>;
}

const errorReplySchema = z.object({ error_code: z.string(), message: z.string().optional() });
const MAX_WAIT_MS = 10_000;

/** Sends calls to one server: authorisation, repetition with back-off, errors with a code. */
export function createTransport(options: MlflowClientOptions): Transport {
  const root = rootOf(options.trackingUri);
  const { retries = 5, backoffMs = 100, signal } = options;
  const send = options.fetch ?? fetch;

  async function respond(call: Call): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await attemptOnce(call);
      if (!outcome.mayRepeat || attempt >= retries) {
        if ('error' in outcome) throw outcome.error;
        return outcome.response;
      }
      const wait = Math.min(MAX_WAIT_MS, outcome.waitMs ?? backoffMs * 2 ** attempt);
      await sleep(wait * (1 + Math.random() / 2), undefined, { signal });
    }
  }

  type Outcome = { mayRepeat: boolean; waitMs?: number } & ({ response: Response } | { error: unknown });

  async function attemptOnce(call: Call): Promise<Outcome> {
    const url = urlOf(root, call);
    try {
      const response = await send(url, requestOf(call, options));
      const mayRepeat =
        response.status === 429 || (response.status >= 500 && response.status !== 501 && call.idempotent);
      const seconds = Number(response.headers.get('retry-after') ?? NaN);
      if (mayRepeat) await response.clone().arrayBuffer(); // frees the connection
      return { mayRepeat, response, ...(Number.isFinite(seconds) && { waitMs: seconds * 1000 }) };
    } catch (cause) {
      if (signal?.aborted) throw cause;
      const problem = problemOf(cause);
      const neverArrived = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(problem);
      const error = mlflowError('MLFLOW_UNREACHABLE', { url: url.href, problem }, cause);
      return { mayRepeat: call.idempotent || neverArrived, error };
    }
  }

  return {
    async json(call, reply) {
      const response = await respond(call);
      const { url, text } = await bodyOf(response, urlOf(root, call));
      const parsed = reply.safeParse(parseJson(text));
      if (!parsed.success) {
        throw mlflowError('MLFLOW_REPLY_MALFORMED', { url, problem: z.prettifyError(parsed.error) }, parsed.error);
      }
      return parsed.data;
    },
    async bytes(call) {
      const response = await respond(call);
      if (!response.ok) await bodyOf(response, urlOf(root, call));
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

function rootOf(uri: string): string {
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol)) throw mlflowError('MLFLOW_TRACKING_URI', { uri });
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function urlOf(root: string, { path, query = {} }: Call): URL {
  const url = new URL(root + path);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

function requestOf(call: Call, { token, username, password, signal }: MlflowClientOptions): RequestInit {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  else if (username !== undefined) {
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  }
  if (call.json !== undefined) headers['content-type'] = 'application/json';
  else if (call.bytes !== undefined) headers['content-type'] = 'application/octet-stream';
  const body = call.json === undefined ? call.bytes : JSON.stringify(call.json);
  return {
    method: call.method,
    headers,
    ...(signal && { signal }),
    ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
  };
}

/** The text of a good reply. Throws the server's own error otherwise. */
async function bodyOf(response: Response, url: URL): Promise<{ url: string; text: string }> {
  const address = `${url.origin}${url.pathname}`;
  const text = await response.text();
  if (response.ok) return { url: address, text };
  const parsed = errorReplySchema.safeParse(parseJson(text));
  const errorCode = parsed.success ? parsed.data.error_code : `HTTP_${response.status}`;
  throw new MlflowApiError(address, response.status, errorCode, parsed.data?.message ?? text.slice(0, 200));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what was expected instead
  }
}

function problemOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner ? `${String(inner.code)}: ${inner.message}` : inner.message;
}
