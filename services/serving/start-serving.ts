import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app';
import type { Endpoint } from './endpoint';
import { servingError } from './errors';
import { startInference } from './inference';
import { type Log, logLine } from './request-log';
import { loadServedModel } from './served-model';

export interface ServingOptions {
  bundleDir: string;
  /** `name@semver`, as replies will carry it. */
  version: string;
  /** Loopback only, until there is authentication. */
  host?: string;
  /** 0 for a free one. */
  port: number;
  /** Inference threads; half the cores unless told. */
  workers?: number;
  /** Most requests that are read, wait or run at one time; more are answered 503. */
  maxRequests?: number;
  /** How long after the start the model is tuned for this CPU; null: never. Default 1,000. */
  tuneAfterMs?: number | null;
  log?: Log;
}

export interface Serving {
  url: string;
  /** Stops accepting, answers what was accepted, ends the workers. */
  close: () => Promise<void>;
}

const MAX_BODY_BYTES = 2 ** 30;
/** First requests come soon after the start, and should not share the cores with a compiler. */
const TUNE_AFTER_MS = 1_000;

/**
 * Serves a bundle over HTTP; resolves when the model is verified, loaded and warm.
 *
 * ```ts
 * const serving = await startServing({ bundleDir, version: 'nodule-classifier@1.0.0', port: 0 });
 * await fetch(`${serving.url}/v2/health/ready`);
 * await serving.close();
 * ```
 *
 * Throws SERVING_NOT_LOOPBACK, SERVING_PORT_TAKEN, SERVING_VERSION_MALFORMED, SERVING_SIGNATURE_UNSUPPORTED,
 * SERVING_MODEL_UNLOADABLE and the errors of readBundle.
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { bundleDir, version, host = '127.0.0.1', port, workers, maxRequests = 64, log = () => undefined } = options;
  const { tuneAfterMs = TUNE_AFTER_MS } = options;
  if (!isLoopback(host)) throw servingError('SERVING_NOT_LOOPBACK', { host });
  const model = await loadServedModel(bundleDir, version);
  const inference = await startInference(model, {
    ...(workers !== undefined && { workers }),
    tuneAfterMs,
    onTuned: ({ event, ...fields }) => {
      log(logLine('info', event, fields));
    },
    onWorkerLost: (error) => {
      log(logLine('error', 'worker-lost', { error: error instanceof Error ? error.name : 'unknown' }));
    },
  });
  const endpoint: Endpoint = {
    model,
    inference,
    limits: { requests: maxRequests, bytes: MAX_BODY_BYTES },
    log,
    draining: false,
  };
  const server = createServer({ requestTimeout: 120_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 });
  server.on('request', createApp(endpoint));
  try {
    await listen(server, host, port);
  } catch (error) {
    await inference.close();
    throw error;
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      endpoint.draining = true;
      await closeServer(server);
      await inference.close();
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? servingError('SERVING_PORT_TAKEN', { host, port }, error) : error);
    });
    server.listen(port, host, resolve);
  });
}

/** Idle connections go at once, the others with their reply. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}
