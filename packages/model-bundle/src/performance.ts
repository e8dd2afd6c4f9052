import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestJson } from 'durable-files';
import { z } from 'zod';
import { bundleError } from './errors';
import { digestSchema, parseWith } from './schema';
import { isSignedBy, signDigest } from './sign';

/** Beside the evidence, and outside of its digest. */
export const PERFORMANCE = 'performance.json';

const performanceShape = z.strictObject({
  /** ISO 8601, UTC. */
  measuredAt: z.iso.datetime(),
  machine: z.strictObject({
    processor: z.string(),
    logicalCores: z.int().positive(),
    memoryMb: z.int().positive(),
    /** `linux x64`. */
    platform: z.string(),
    node: z.string(),
    onnxruntime: z.string(),
  }),
  /** That the model computes on. */
  threads: z.int().positive(),
  /** Of one patch, from HU to probabilities. */
  latencyMs: z.strictObject({ p50: z.number(), p95: z.number(), runs: z.int().positive() }),
  throughput: z.strictObject({
    batch: z.int().positive(),
    patchesPerSecond: z.number(),
    runs: z.int().positive(),
  }),
  /** The most memory that the whole process had at any time, the JavaScript runtime included. */
  peakMemoryMb: z.number(),
});

/**
 * How fast a model is and how much memory it takes, on one machine at one time. Another run measures other numbers,
 * so they stand outside of what the evidence's digest covers.
 */
export type Performance = z.infer<typeof performanceShape>;

const signedShape = performanceShape.extend({ evidenceDigest: digestSchema, signature: z.base64() });

/** `performance.json`: the measurements, bound to one evidence by its digest and a signature of their own. */
export function signPerformance(performance: Performance, evidenceDigest: string, privateKeyPem: string): string {
  const payload = { ...performance, evidenceDigest };
  const signature = signDigest(privateKeyPem, digestJson(payload));
  return `${JSON.stringify({ ...payload, signature }, null, 2)}\n`;
}

/**
 * The measurements beside an evidence; null where none were made. Without a public key only their tie to the evidence
 * is verified.
 *
 * @throws EVIDENCE_PERFORMANCE_INVALID
 */
export async function readPerformance(
  dir: string,
  evidenceDigest: string,
  publicKeyPem?: string,
): Promise<Performance | null> {
  let text: string;
  try {
    text = await readFile(join(dir, PERFORMANCE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const invalid = (problem: string, cause?: unknown) =>
    bundleError('EVIDENCE_PERFORMANCE_INVALID', { dir, problem }, cause);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const { signature, ...payload } = parseWith(signedShape, value, invalid);
  if (payload.evidenceDigest !== evidenceDigest) throw invalid('it belongs to other evidence');
  if (publicKeyPem !== undefined && !isSignedBy(publicKeyPem, { digest: digestJson(payload), signature })) {
    throw invalid("it was not signed with this gate's key, or was changed afterwards");
  }
  return performanceShape.strip().parse(payload);
}
