/** One row of a module's error table. `status` is the HTTP status a server answers with, 500 when left out. */
export interface ErrorRow {
  /** What was wrong and where; `{name}` is replaced by the detail of that name. */
  message: string;
  /** What the reader can do about it. */
  hint: string;
  status?: number;
}

export type ErrorDetails = Record<string, string | number | boolean>;

/** An error that a person can act on: a stable code, what was wrong, and what to do. */
export class CodedError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: string, row: ErrorRow, details: ErrorDetails, cause?: unknown) {
    super(fill(row.message, details), cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.hint = fill(row.hint, details);
    this.status = row.status ?? 500;
    this.details = details;
  }

  toJSON(): { code: string; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/**
 * Turns a module's error table into the function that raises its errors.
 *
 * ```ts
 * export const imageError = defineErrors({
 *   IMAGE_TRUNCATED: { message: '{file} holds {found} bytes, {expected} expected', hint: 'Copy the file again.' },
 * });
 * throw imageError('IMAGE_TRUNCATED', { file, found, expected });
 * ```
 */
export function defineErrors<Code extends string>(table: Record<Code, ErrorRow>) {
  return (code: Code, details: ErrorDetails = {}, cause?: unknown): CodedError =>
    new CodedError(code, table[code], details, cause);
}

export function isCodedError(error: unknown): error is CodedError {
  return error instanceof CodedError;
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in details ? String(details[name]) : whole));
}
