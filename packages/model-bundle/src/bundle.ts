import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { digestFile, digestJson, sha256 } from 'durable-files';
import { z } from 'zod';
import type { Lineage, Signature } from './contract';
import { bundleError } from './errors';
import { type GoldenCase, parseGoldenCases } from './golden';
import { digestSchema, fileNameSchema, lineageSchema, parseWith, signatureSchema } from './schema';
import { writeFolder } from './write-folder';

const MANIFEST = 'manifest.json';
const SIGNATURE = 'signature.json';
const LINEAGE = 'lineage.json';
const GOLDEN = 'golden.json';

/** What a manifest says of one file. */
export interface BundleFile {
  sha256: string;
  bytes: number;
}

/** A trained model as one folder: every file's digest is known, and `digest` stands for them all. */
export interface Bundle {
  dir: string;
  /** `digestJson` of `files`. */
  digest: string;
  signature: Signature;
  lineage: Lineage;
  /** Every file but the manifest. */
  files: Record<string, BundleFile>;
  /** Full path of a file of the bundle. Throws BUNDLE_FILE_MISSING where the bundle has none of that name. */
  path: (name: string) => string;
}

export interface BundleContent {
  signature: Signature;
  lineage: Lineage;
  /** model.onnx, model.json, weights.bin, config.yaml: what the model itself consists of. */
  files: Record<string, Uint8Array | string>;
  goldenCases?: GoldenCase[];
}

const manifestSchema = z.strictObject({
  files: z.record(fileNameSchema, z.strictObject({ sha256: digestSchema, bytes: z.int().nonnegative() })),
});

/**
 * Writes a bundle whole or not at all; what stood in `dir` is replaced. The digest depends on the content alone.
 * Throws BUNDLE_MALFORMED for a signature, a lineage or golden cases that do not hold together, BUNDLE_FILE_NAME.
 */
export async function writeBundle(dir: string, content: BundleContent): Promise<Bundle> {
  const files = checkedFiles(content);
  const manifest: Record<string, BundleFile> = {};
  for (const [name, bytes] of files) manifest[name] = { sha256: sha256(bytes), bytes: Buffer.byteLength(bytes) };
  await writeFolder(dir, [...files, [MANIFEST, toJson({ files: manifest })]]);
  return readBundle(dir);
}

/**
 * Reads a bundle and verifies every byte of it.
 * Throws BUNDLE_NOT_FOUND, BUNDLE_FILE_MISSING, BUNDLE_FILE_UNKNOWN, BUNDLE_DIGEST_MISMATCH, BUNDLE_MALFORMED.
 */
export async function readBundle(dir: string): Promise<Bundle> {
  const { files } = parseJson(MANIFEST, await readManifest(dir), manifestSchema);
  for (const name of await readdir(dir)) {
    if (name !== MANIFEST && !(name in files)) throw bundleError('BUNDLE_FILE_UNKNOWN', { dir, file: name });
  }
  for (const [name, expected] of Object.entries(files)) await verifyFile(dir, name, expected);
  const path = (name: string) => {
    if (!Object.hasOwn(files, name)) throw bundleError('BUNDLE_FILE_MISSING', { dir, file: name });
    return join(resolve(dir), name);
  };
  return {
    dir: resolve(dir),
    digest: digestJson(files),
    signature: parseJson(SIGNATURE, await readFile(path(SIGNATURE), 'utf8'), signatureSchema),
    lineage: parseJson(LINEAGE, await readFile(path(LINEAGE), 'utf8'), lineageSchema),
    files,
    path,
  };
}

/** The golden cases of a bundle; none where it was written without. */
export async function readGoldenCases(bundle: Bundle): Promise<GoldenCase[]> {
  if (!Object.hasOwn(bundle.files, GOLDEN)) return [];
  return parseGoldenCases(JSON.parse(await readFile(bundle.path(GOLDEN), 'utf8')));
}

function checkedFiles({ signature, lineage, files, goldenCases }: BundleContent): [string, Uint8Array | string][] {
  for (const name of Object.keys(files)) {
    if (!fileNameSchema.safeParse(name).success || [MANIFEST, SIGNATURE, LINEAGE, GOLDEN].includes(name)) {
      throw bundleError('BUNDLE_FILE_NAME', { file: name });
    }
  }
  return [
    ...Object.entries(files),
    [SIGNATURE, toJson(parseWith(signatureSchema, signature, malformed(SIGNATURE)))],
    [LINEAGE, toJson(parseWith(lineageSchema, lineage, malformed(LINEAGE)))],
    ...(goldenCases ? [[GOLDEN, toJson(parseGoldenCases(goldenCases))] as [string, string]] : []),
  ];
}

async function readManifest(dir: string): Promise<string> {
  try {
    return await readFile(join(dir, MANIFEST), 'utf8');
  } catch (cause) {
    throw bundleError('BUNDLE_NOT_FOUND', { dir, file: MANIFEST }, cause);
  }
}

async function verifyFile(dir: string, name: string, expected: BundleFile): Promise<void> {
  const path = join(dir, name);
  const found = await stat(path).catch((cause: unknown) => {
    throw bundleError('BUNDLE_FILE_MISSING', { dir, file: name }, cause);
  });
  const digest = found.isFile() ? await digestFile(path) : 'not a file';
  if (digest !== expected.sha256 || found.size !== expected.bytes) {
    throw bundleError('BUNDLE_DIGEST_MISMATCH', { dir, file: name, found: digest, expected: expected.sha256 });
  }
}

function parseJson<T>(file: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bundleError('BUNDLE_MALFORMED', { file, problem: 'it is not JSON' }, cause);
  }
  return parseWith(schema, value, malformed(file));
}

function malformed(file: string) {
  return (problem: string) => bundleError('BUNDLE_MALFORMED', { file, problem });
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
