import { setTimeout as sleep } from 'node:timers/promises';

/** How patient a download is. */
export interface Patience {
  /** Attempts in a row without a new byte. */
  tries: number;
  /** Milliseconds before the second attempt; doubled each time, up to a minute. */
  firstWaitMs: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  stallMs: number;
}

export const USUAL_PATIENCE: Patience = { tries: 8, firstWaitMs: 1000, stallMs: 60_000 };

const LONGEST_WAIT_MS = 60_000;
/** A server may ask for more than that, but not for ever. */
const LONGEST_ASKED_WAIT_MS = 15 * 60_000;

/** What may go away by itself: a dropped or dead connection, a busy server. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    readonly waitMs?: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Waits before attempt number `tries + 1`, with up to a quarter of chance so that clients part. */
export async function waitBefore(
  tries: number,
  { firstWaitMs }: Patience,
  failure: PassingFailure,
  signal: AbortSignal,
): Promise<void> {
  const usual = Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** (tries - 1)) * (0.75 + Math.random() / 4);
  await sleep(Math.max(usual, Math.min(failure.waitMs ?? 0, LONGEST_ASKED_WAIT_MS)), undefined, { signal });
}

/** Milliseconds of a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** 408, 425, 429 and 5xx say: later. */
export function isPassing(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500;
}
