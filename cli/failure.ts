import { isCodedError } from 'coded-error';
import { paint } from './terminal';

/** 0 done, 1 an error, 2 a wrong call, 3 the gate said no, 130 interrupted. */
export const EXIT = { error: 1, usage: 2, gateRefused: 3, interrupted: 130 } as const;

const GATE_CODES = new Set(['GATE_REFUSED', 'VALIDATION_LEAK', 'VALIDATION_HOLDOUT_MISMATCH']);
const USAGE_CODES = /^CONFIG_/;

/** Tells a person what went wrong and what to do, and gives the exit code for it. */
export function explainFailure(error: unknown): number {
  const write = (line: string) => process.stderr.write(`${line}\n`);
  if (!isCodedError(error)) {
    write(paint('red', `Unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
    write('This is a defect of lungate. Please report it with the lines above.');
    return EXIT.error;
  }
  write(`${paint('red', error.code)}: ${error.message}`);
  write(error.hint);
  if (process.env['LUNGATE_DEBUG']) write(error.stack ?? '');
  if (GATE_CODES.has(error.code)) return EXIT.gateRefused;
  if (error.code.endsWith('_INTERRUPTED')) return EXIT.interrupted;
  return USAGE_CODES.test(error.code) ? EXIT.usage : EXIT.error;
}
