import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { benchError } from '../errors';

/** A program that waits for a line of JSON, works, and answers with one; between its turns it is idle. */
export interface Worker {
  ask: (request: object) => Promise<unknown>;
  close: () => void;
}

const TAIL_LINES = 12;

/**
 * Starts a worker. Its first answer, sent when it is ready, comes unasked and stands in `greeting`.
 * Fails with BENCH_WORKER_FAILED when it ends while an answer is due.
 */
export async function startWorker(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Worker & { greeting: unknown }> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const tail: string[] = [];
  let pending: { resolve: (answer: unknown) => void; reject: (error: Error) => void } | undefined;

  createInterface(child.stderr).on('line', (line) => {
    tail.splice(0, Math.max(0, tail.push(line) - TAIL_LINES));
  });
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('{')) pending?.resolve(JSON.parse(line));
    else tail.push(line);
  });
  const fail = (status: string) => {
    pending?.reject(benchError('BENCH_WORKER_FAILED', { worker: command, status, tail: tail.join('\n') }));
  };
  child.on('error', (error) => {
    fail(error.message);
  });
  child.on('close', (status, signal) => {
    fail(`status ${String(status ?? signal)}`);
  });

  const answer = () =>
    new Promise<unknown>((resolve, reject) => {
      pending = { resolve, reject };
    });
  const greeting = await answer();
  return {
    greeting,
    ask(request) {
      const due = answer();
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return due;
    },
    close() {
      child.stdin.end();
    },
  };
}
