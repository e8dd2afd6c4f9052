import type { Request } from 'express';
import type { PatchSource } from '../patches';
import { ownBuffer } from '../request-body';

const FILES = ['volume', 'header', 'data'] as const;
export const CLASSIFY_FILES: readonly string[] = FILES;

/** What the body parsers left, as something that can move to a worker, and the buffers that move. */
export function patchSourceOf(request: Request): { source: PatchSource; transfer: ArrayBuffer[] } {
  if (Buffer.isBuffer(request.body)) {
    const body = ownBuffer(request.body);
    return { source: { form: 'json', body }, transfer: [body.buffer] };
  }
  const sent = (request.files ?? {}) as Partial<Record<string, Express.Multer.File[]>>;
  const files: Extract<PatchSource, { form: 'multipart' }>['files'] = {};
  const transfer: ArrayBuffer[] = [];
  for (const name of FILES) {
    const bytes = sent[name]?.[0]?.buffer;
    if (!bytes) continue;
    const own = ownBuffer(bytes);
    files[name] = own;
    transfer.push(own.buffer);
  }
  const candidates = (request.body as { candidates?: unknown } | undefined)?.candidates;
  return {
    source: { form: 'multipart', files, candidates: typeof candidates === 'string' ? candidates : undefined },
    transfer,
  };
}
