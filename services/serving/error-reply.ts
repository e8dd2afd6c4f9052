import { type CodedError, isCodedError } from 'coded-error';
import type { ErrorRequestHandler } from 'express';
import { MulterError } from 'multer';
import { z } from 'zod';
import { servingError } from './errors';
import { BODY_LIMITS } from './request-body';
import { notesOf } from './request-log';

/** Every error of the endpoint: the protocol's `error`, and what a program and a person need beside it. */
export const errorReplySchema = z.object({
  error: z.string(),
  code: z.string(),
  hint: z.string(),
});

/** Answers an error in the protocol's form. Only codes go to the log; what is unexpected leaves its stack frames. */
export const replyWithError: ErrorRequestHandler = (error: unknown, request, response, next) => {
  const coded = toCodedError(error);
  const notes = notesOf(response);
  notes.code = coded.code;
  if (coded.status === 500) notes.stack = framesOf(coded.cause ?? error);
  if (response.headersSent) {
    next(error);
    return;
  }
  // The rest of a refused body is read and dropped, or the sender would see a broken pipe instead of the reason.
  request.resume();
  if (coded.status === 503) response.set('Retry-After', '1');
  const body: z.infer<typeof errorReplySchema> = { error: coded.message, code: coded.code, hint: coded.hint };
  response.status(coded.status).json(body);
};

function toCodedError(error: unknown): CodedError {
  if (isCodedError(error)) return error;
  if (error instanceof MulterError) return fromMulter(error);
  if (!(error instanceof Error)) return servingError('SERVING_INTERNAL', {}, error);
  // body-parser's and express's own errors: http-errors with a type and a status
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.too.large') return servingError('REQUEST_TOO_LARGE', { limit: limitOf(error) });
  if (type === 'encoding.unsupported') return servingError('REQUEST_ENCODING');
  if (type === 'request.aborted' || type === 'request.size.invalid') return servingError('REQUEST_INCOMPLETE');
  if (status === 400) return servingError('REQUEST_MALFORMED', { problem: 'the address is not valid' });
  // busboy, through multer, throws plain errors for a form that is not one
  if (/^(Multipart|Unexpected end of form|Malformed)/.test(error.message)) {
    return servingError('REQUEST_MALFORMED', { problem: 'the body is not multipart/form-data as its header says' });
  }
  return servingError('SERVING_INTERNAL', {}, error);
}

function fromMulter(error: MulterError): CodedError {
  if (error.code === 'LIMIT_FILE_SIZE') return servingError('REQUEST_TOO_LARGE', { limit: BODY_LIMITS.scan });
  if (error.code === 'LIMIT_FIELD_VALUE') return servingError('REQUEST_TOO_LARGE', { limit: BODY_LIMITS.text });
  return servingError('CLASSIFY_PARTS', { problem: error.message });
}

function limitOf(error: Error): number {
  return (error as { limit?: number }).limit ?? 0;
}

function framesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => line.trim()).join(' < ');
}
