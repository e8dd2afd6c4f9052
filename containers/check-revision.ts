import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundle, decodePatch, type GoldenCase, readGoldenCases } from 'model-bundle';
import { z } from 'zod';
import { containersError } from './errors';
import type { Runtime } from './runtime';

/** A revision under test, and what it must turn out to be. */
export interface Trial {
  endpoint: string;
  runtime: Runtime;
  dir: string;
  /** `name@1.0.0` */
  version: string;
  bundle: Bundle;
}

const TOLERANCE = 1e-4;
const REPLY_LIMIT_MS = 30_000;

const metadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  parameters: z.object({ bundle_digest: z.string() }),
});
const inferSchema = z.object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.number()) })) });

/** Waits until the revision is ready and gives its address. Throws REVISION_DIED, REVISION_NOT_READY. */
export async function waitUntilReady(
  { endpoint, runtime, dir }: Trial,
  limitMs: number,
): Promise<{ url: string; pid: number }> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const running = await runtime.running(dir);
    if (!running) throw containersError('REVISION_DIED', { endpoint, dir, reason: await lastWords(runtime, dir) });
    if (running.url !== null && (await runtime.health(dir))) return { url: running.url, pid: running.pid };
    await sleep(25);
  }
  throw containersError('REVISION_NOT_READY', { endpoint, dir, seconds: limitMs / 1000 });
}

/** Whether this address serves this version of this bundle. */
export async function servesBundle(url: string, version: string, bundleDigest: string): Promise<boolean> {
  return (await identify(url, version)) === `${version} ${bundleDigest}`;
}

/** Throws REVISION_WRONG_MODEL unless the revision serves what it was started for. */
export async function checkIdentity({ endpoint, version, bundle }: Trial, url: string): Promise<void> {
  const expected = `${version} ${bundle.digest}`;
  const found = await identify(url, version);
  if (found !== expected) throw containersError('REVISION_WRONG_MODEL', { endpoint, expected, found });
}

/** Has the revision judge the bundle's golden cases, and gives their number. Throws GOLDEN_CASE_FAILED, GOLDEN_CASE_REFUSED. */
export async function replayGoldenCases(trial: Trial, url: string): Promise<number> {
  const cases = await readGoldenCases(trial.bundle);
  for (const golden of cases) await replay(trial, url, golden);
  return cases.length;
}

async function replay({ endpoint, version, bundle }: Trial, url: string, golden: GoldenCase): Promise<void> {
  const [name, number] = splitVersion(version);
  const input = bundle.signature.inputs[0]!;
  const patch = decodePatch(golden.patch);
  const json = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: input.name,
          datatype: input.datatype,
          shape: [1, ...input.shape.slice(1)],
          parameters: { binary_data_size: patch.byteLength },
        },
      ],
      outputs: [{ name: 'probabilities' }],
    }),
  );
  const response = await fetch(`${url}/v2/models/${name}/versions/${number}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
    body: Buffer.concat([json, new Uint8Array(patch.buffer)]),
    signal: AbortSignal.timeout(REPLY_LIMIT_MS),
  });
  const reply = await response.text();
  if (!response.ok) {
    const { status } = response;
    throw containersError('GOLDEN_CASE_REFUSED', { endpoint, case: golden.id, status, reply: reply.slice(0, 300) });
  }
  const found = inferSchema.parse(JSON.parse(reply)).outputs[0]?.data ?? [];
  const agrees =
    found.length === golden.probabilities.length &&
    found.every((value, i) => Math.abs(value - golden.probabilities[i]!) <= TOLERANCE);
  if (!agrees) {
    const [foundText, expected] = [found.join(', '), golden.probabilities.join(', ')];
    throw containersError('GOLDEN_CASE_FAILED', { endpoint, case: golden.id, found: foundText, expected });
  }
}

async function identify(url: string, version: string): Promise<string> {
  const [name, number] = splitVersion(version);
  const signal = AbortSignal.timeout(REPLY_LIMIT_MS);
  const response = await fetch(`${url}/v2/models/${name}/versions/${number}`, { signal }).catch(() => null);
  const parsed = metadataSchema.safeParse(await response?.json().catch(() => null));
  if (!parsed.success) return 'something that does not tell';
  return `${parsed.data.name}@${parsed.data.versions[0] ?? ''} ${parsed.data.parameters.bundle_digest}`;
}

function splitVersion(version: string): [name: string, number: string] {
  const at = version.lastIndexOf('@');
  return [encodeURIComponent(version.slice(0, at)), encodeURIComponent(version.slice(at + 1))];
}

/** What a service that ended said of it: its coded error where it wrote one. */
async function lastWords(runtime: Runtime, dir: string): Promise<string> {
  const lines = await runtime.logs(dir, 5);
  const coded = lines.find((line) => line.startsWith('{"ready":false'));
  if (coded === undefined) return lines.at(-1) ?? 'it left no word';
  const { error } = JSON.parse(coded) as { error: { code: string; message: string } };
  return `${error.code}: ${error.message}`;
}
