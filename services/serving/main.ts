import { parseArgs } from 'node:util';
import { isCodedError } from 'coded-error';
import { startServing } from '.';

/**
 * The endpoint as a process: `main.ts --bundle DIR --version name@1.0.0 [--host 127.0.0.1] [--port 0] [--workers N]`.
 * Says `{"ready":true,"url":…}` on standard output, logs to standard error, and drains on SIGTERM or SIGINT.
 */
const DRAIN_LIMIT_MS = 20_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bundle: { type: 'string' },
      version: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      workers: { type: 'string' },
    },
  });
  const { bundle = '', version = '', host, port, workers } = values;
  const serving = await startServing({
    bundleDir: bundle,
    version,
    host,
    port: Number(port),
    ...(workers !== undefined && { workers: Number(workers) }),
    log: (line) => process.stderr.write(`${JSON.stringify(line)}\n`),
  });
  process.once('SIGTERM', () => void drain(serving.close));
  process.once('SIGINT', () => void drain(serving.close));
  process.stdout.write(`${JSON.stringify({ ready: true, url: serving.url })}\n`);
}

async function drain(close: () => Promise<void>): Promise<void> {
  // SIGKILL, because an ordinary exit while ONNX Runtime works in a thread aborts with a core dump.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), DRAIN_LIMIT_MS).unref();
  await close();
  process.exit(0);
}

main().catch((error: unknown) => {
  const told = isCodedError(error) ? error.toJSON() : { code: 'SERVING_INTERNAL', message: String(error), hint: '' };
  process.stderr.write(`${JSON.stringify({ ready: false, error: told })}\n`);
  process.exit(1);
});
