import { CodedError, type ErrorDetails } from './coded-error';

/** An error as it crosses from one thread or process to another: structured cloning keeps only name, message and stack. */
export interface PackedError {
  code: string | null;
  message: string;
  hint: string;
  status: number;
  details: ErrorDetails;
  stack: string;
}

export function packError(error: unknown): PackedError {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof CodedError)) return { code: null, message, hint: '', status: 500, details: {}, stack };
  return { code: error.code, message, hint: error.hint, status: error.status, details: error.details, stack };
}

/** The same error again: a CodedError where one was packed. */
export function unpackError({ code, message, hint, status, details, stack }: PackedError): Error {
  const error = code === null ? new Error(message) : new CodedError(code, { message, hint, status }, details);
  error.stack = stack;
  return error;
}
