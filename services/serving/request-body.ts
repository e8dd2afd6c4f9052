import express, { type RequestHandler } from 'express';
import multer from 'multer';
import { servingError } from './errors';

const MiB = 2 ** 20;

/** Most bytes of a body or of a part of it. */
export const BODY_LIMITS = {
  /** Of an inference request with its binary tensors. */
  tensors: 64 * MiB,
  /** Of JSON that the event loop parses: 16 patches as text, in 50 ms. */
  json: 8 * MiB,
  /** Of a scan: the largest of LUNA16 has 400 MiB. */
  scan: 512 * MiB,
  /** Of a patch or a small scan as JSON, which at its worst (millions of objects) keeps a worker for seconds. */
  scanJson: 16 * MiB,
  /** Of a text field in a form. */
  text: MiB,
};

/** Refuses a body that the route does not read, before reading it. */
export function acceptBody(accepted: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') throw servingError('REQUEST_ENCODING');
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    // Triton's own client leaves the type out where the header tells it.
    const triton = type === undefined && request.headers['inference-header-content-length'] !== undefined;
    if (!triton && !accepted.includes(type ?? '')) {
      throw servingError('REQUEST_MEDIA_TYPE', { accepted: accepted.join(' or ') });
    }
    next();
  };
}

/** The whole body as bytes, in `request.body`. */
export function readBytes(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false });
}

/** The parts of a form, in memory: files in `request.files`, text in `request.body`. */
export function readForm(files: readonly string[]): RequestHandler {
  const form = multer({
    storage: multer.memoryStorage(),
    limits: { fileSize: BODY_LIMITS.scan, files: 2, fields: 4, fieldSize: BODY_LIMITS.text, parts: 8, headerPairs: 16 },
  });
  return form.fields(files.map((name) => ({ name, maxCount: 1 })));
}

/** The bytes in a buffer of their own, so that they can move to a worker. Copies where Node pooled a small buffer. */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength > 65_536;
  return whole ? new Uint8Array(bytes.buffer as ArrayBuffer) : Uint8Array.from(bytes);
}
