import type { RequestHandler } from 'express';
import { servingError } from './errors';

export interface AdmissionLimits {
  /** Most requests that are being read, wait or run at one time. */
  requests: number;
  /** Most bytes of their bodies together. */
  bytes: number;
}

/** Admits the requests of a route whose bodies have at most `bodyLimit` bytes. */
export type Admit = (bodyLimit: number) => RequestHandler;

/**
 * Lets a request with a body in while there is room for it, and answers SERVING_OVERLOADED otherwise: what waits is
 * bounded in number and in bytes, so a burst costs its senders a retry and never this process its memory.
 */
export function admission(limits: AdmissionLimits): Admit {
  let requests = 0;
  let bytes = 0;
  return (bodyLimit) => (request, response, next) => {
    // A chunked body may become as long as the limit.
    const length = Number(request.headers['content-length'] ?? bodyLimit);
    if (length > bodyLimit) throw servingError('REQUEST_TOO_LARGE', { limit: bodyLimit });
    if (requests >= limits.requests || bytes + length > limits.bytes) {
      response.set('Retry-After', '1');
      throw servingError('SERVING_OVERLOADED');
    }
    requests += 1;
    bytes += length;
    response.once('close', () => {
      requests -= 1;
      bytes -= length;
    });
    next();
  };
}
