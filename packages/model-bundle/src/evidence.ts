import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile, digestJson, sha256 } from 'durable-files';
import { z } from 'zod';
import { bundleError } from './errors';
import { type GateRule, gateRuleSchema } from './gate-rule';
import { type Performance, PERFORMANCE, readPerformance, signPerformance } from './performance';
import { digestSchema, fileNameSchema, parseWith } from './schema';
import { isSignedBy, signDigest } from './sign';
import { writeFolder } from './write-folder';

const EVIDENCE = 'evidence.json';

/** What the gate signs: which bundle met which suite and policy on which data, and how each rule came out. */
export interface Evidence {
  bundleDigest: string;
  suiteDigest: string;
  /** Of the gate's policy: the rules beside the suite's primary criterion. */
  policyDigest: string;
  datasetDigest: string;
  verdict: 'pass' | 'fail';
  rules: GateRule[];
  /** Digest of every other file in the folder: report.json, report.html, junit.xml, scores.csv. */
  files: Record<string, string>;
}

const evidenceShape = z.strictObject({
  bundleDigest: digestSchema,
  suiteDigest: digestSchema,
  policyDigest: digestSchema,
  datasetDigest: digestSchema,
  verdict: z.enum(['pass', 'fail']),
  rules: z.array(gateRuleSchema),
  files: z.record(fileNameSchema, digestSchema),
});
export const evidenceSchema: z.ZodType<Evidence> = evidenceShape;
const signedSchema = evidenceShape.extend({ signature: z.base64() });

/** Evidence as it was read: with its digest, and the base64 of the signature over the text of that digest. */
export type SignedEvidence = Evidence & { digest: string; signature: string };

/**
 * Writes signed evidence whole or not at all. `evidence.files` is derived from `files`, so it may be left out.
 * The digest is that of the evidence without its signature; Ed25519 signs the text of the digest. Measurements that
 * differ from run to run go to `performance.json`, which names that digest and has a signature of its own.
 */
export async function writeEvidence(
  dir: string,
  evidence: Omit<Evidence, 'files'> & { files?: Record<string, string> },
  files: Record<string, Uint8Array | string>,
  privateKeyPem: string,
  performance: Performance | null = null,
): Promise<{ digest: string }> {
  const digests = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [checkedName(name), sha256(bytes)]));
  const payload = parseWith(evidenceSchema, { ...evidence, files: digests }, malformed(dir));
  const digest = digestJson(payload);
  const signature = signDigest(privateKeyPem, digest);
  const signed = `${JSON.stringify({ ...payload, signature }, null, 2)}\n`;
  const measured: [string, string][] = performance
    ? [[PERFORMANCE, signPerformance(performance, digest, privateKeyPem)]]
    : [];
  await writeFolder(dir, [...Object.entries(files), ...measured, [EVIDENCE, signed]]);
  return { digest };
}

/**
 * Reads evidence and verifies every file's digest, and with a public key the signature as well.
 * Throws EVIDENCE_NOT_FOUND, EVIDENCE_MALFORMED, EVIDENCE_FILE_MISSING, EVIDENCE_FILE_UNKNOWN,
 * EVIDENCE_DIGEST_MISMATCH, EVIDENCE_SIGNATURE_INVALID, EVIDENCE_PERFORMANCE_INVALID. It does not judge the verdict.
 */
export async function readEvidence(dir: string, publicKeyPem?: string): Promise<SignedEvidence> {
  const { signature, ...evidence } = parseWith(signedSchema, await readSigned(dir), malformed(dir));
  const digest = digestJson(evidence);
  if (publicKeyPem !== undefined && !isSignedBy(publicKeyPem, { digest, signature })) {
    throw bundleError('EVIDENCE_SIGNATURE_INVALID', { dir });
  }
  const present = await readdir(dir);
  for (const file of present) {
    if (file !== EVIDENCE && file !== PERFORMANCE && !Object.hasOwn(evidence.files, file)) {
      throw bundleError('EVIDENCE_FILE_UNKNOWN', { dir, file });
    }
  }
  for (const [file, expected] of Object.entries(evidence.files)) {
    if (!present.includes(file)) throw bundleError('EVIDENCE_FILE_MISSING', { dir, file });
    const found = await digestFile(join(dir, file));
    if (found !== expected) throw bundleError('EVIDENCE_DIGEST_MISMATCH', { dir, file, found, expected });
  }
  await readPerformance(dir, digest, publicKeyPem);
  return { ...evidence, digest, signature };
}

function checkedName(file: string): string {
  const isReserved = file === EVIDENCE || file === PERFORMANCE;
  if (isReserved || !fileNameSchema.safeParse(file).success) throw bundleError('BUNDLE_FILE_NAME', { file });
  return file;
}

async function readSigned(dir: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(dir, EVIDENCE), 'utf8');
  } catch (cause) {
    throw bundleError('EVIDENCE_NOT_FOUND', { dir }, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bundleError('EVIDENCE_MALFORMED', { dir, problem: 'it is not JSON' }, cause);
  }
}

function malformed(dir: string) {
  return (problem: string) => bundleError('EVIDENCE_MALFORMED', { dir, problem });
}
