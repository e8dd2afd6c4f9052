import { CodedError, isCodedError } from 'coded-error';
import {
  extractPatch,
  type Irc,
  parseMetaImage,
  type PatchContract,
  type Volume,
  voxelsOf,
  type Xyz,
  xyzToIrc,
} from '../../../datasets';
import type { z } from 'zod';
import { servingError } from '../errors';
import { candidatesSchema, mostCandidates, patchRequestSchema, scanRequestSchema } from './schemas';

/** What a caller sent to be classified, still as bytes. */
export type PatchSource =
  | { form: 'json'; body: Uint8Array }
  | {
      form: 'multipart';
      files: Partial<Record<'volume' | 'header' | 'data', Uint8Array>>;
      candidates: string | undefined;
    };

/** Patches in the order of the candidates, some to a batch. */
export interface CroppedCandidates {
  /** Null where the caller sent a patch and no scan. */
  places: ({ xyz: Xyz; irc: Irc } | null)[];
  /** [rows ≤ ROWS_PER_BATCH, 1, slices, rows, columns], HU */
  batches: Float32Array[];
}

const ROWS_PER_BATCH = 8;
/** 1,024 slices of 512 × 512: a compressed bomb may not unpack to more. */
const LIMITS = { maxVoxels: 2 ** 28 };

/**
 * Reads a scan and cuts its candidates out, as the served model's contract asks. Takes seconds for a large scan: never call it on the event loop.
 * Throws the errors of parseMetaImage and extractPatch, REQUEST_NOT_JSON, REQUEST_MALFORMED, CLASSIFY_PARTS,
 * BASE64_MALFORMED, PATCH_SIZE, PATCH_NOT_FINITE.
 */
export function cropCandidates(source: PatchSource, contract: PatchContract): CroppedCandidates {
  const most = mostCandidates(contract);
  if (source.form === 'multipart') {
    const sent = parseJson(required(source.candidates, 'candidates'));
    checkCount(sent, most, 'candidates');
    const candidates = parseWith(candidatesSchema(contract), sent, 'candidates');
    return cutAll(readParts(source.files), candidates, contract);
  }
  const body = parseJson(Buffer.from(source.body).toString('utf8'));
  const { patch, candidates: sent } = (body ?? {}) as { patch?: { hu?: unknown } | null; candidates?: unknown };
  checkCount(patch?.hu, voxelsOf(contract), 'patch.hu');
  checkCount(sent, most, 'candidates');
  // Not the union of the two, which could only say that neither fits.
  if (typeof body === 'object' && body !== null && 'patch' in body) {
    return onePatch(parseWith(patchRequestSchema(contract), body, 'body').patch.hu, contract);
  }
  const { volume, candidates } = parseWith(scanRequestSchema(contract), body, 'body');
  return cutAll(parseMetaImage(decodeBase64(volume, 'volume'), undefined, LIMITS), candidates, contract);
}

function readParts({ volume, header, data }: Extract<PatchSource, { form: 'multipart' }>['files']): Volume {
  if (!volume) return parseMetaImage(required(header, 'volume, or header and data'), required(data, 'data'), LIMITS);
  if (header ?? data) throw servingError('CLASSIFY_PARTS', { problem: 'volume stands alone, without header and data' });
  return parseMetaImage(volume, undefined, LIMITS);
}

function required<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw servingError('CLASSIFY_PARTS', { problem: `${name} is missing` });
  return part;
}

function cutAll(
  volume: Volume,
  candidates: z.infer<ReturnType<typeof candidatesSchema>>,
  contract: PatchContract,
): CroppedCandidates {
  const voxels = voxelsOf(contract);
  const places = candidates.map(({ xyz }) => ({ xyz, irc: xyzToIrc(xyz, volume) }));
  const batches: Float32Array[] = [];
  for (let from = 0; from < places.length; from += ROWS_PER_BATCH) {
    const part = places.slice(from, from + ROWS_PER_BATCH);
    const batch = new Float32Array(part.length * voxels);
    part.forEach(({ xyz }, row) => {
      batch.set(cutOne(volume, xyz, contract, from + row), row * voxels);
    });
    batches.push(batch);
  }
  return { places, batches };
}

function cutOne(volume: Volume, xyz: Xyz, contract: PatchContract, index: number): Float32Array {
  try {
    return finite(extractPatch(volume, xyz, contract));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const { code, message, hint, status } = error;
    throw new CodedError(code, { message: `candidates[${index}]: ${message}`, hint, status }, {}, error);
  }
}

function onePatch(hu: string | number[], contract: PatchContract): CroppedCandidates {
  const values = typeof hu === 'string' ? int16Values(decodeBase64(hu, 'patch.hu'), contract) : Float32Array.from(hu);
  if (values.length !== voxelsOf(contract)) throw wrongSize(values.length, contract);
  return { places: [null], batches: [finite(values)] };
}

function wrongSize(found: number, contract: PatchContract): CodedError {
  const [slices, rows, columns] = contract.patchSize;
  return servingError('PATCH_SIZE', { found, expected: voxelsOf(contract), slices, rows, columns });
}

function int16Values(bytes: Buffer, contract: PatchContract): Float32Array {
  if (bytes.length % 2 !== 0) throw wrongSize(bytes.length / 2, contract);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readInt16LE(i * 2);
  return values;
}

function finite(values: Float32Array): Float32Array {
  if (!values.every(Number.isFinite)) throw servingError('PATCH_NOT_FINITE');
  return values;
}

/** Node's decoder skips what is not base64, which would shift the voxels without a word. */
function decodeBase64(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0 || bytes.length !== (text.length / 4) * 3 - padding) {
    throw servingError('BASE64_MALFORMED', { name });
  }
  return bytes;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the body.
    throw servingError('REQUEST_NOT_JSON');
  }
}

/** Before zod looks at each of them: a body of millions would take it gigabytes. */
function checkCount(list: unknown, most: number, what: string): void {
  if (Array.isArray(list) && list.length > most) {
    throw servingError('REQUEST_MALFORMED', { problem: `${what} holds ${list.length}, at most ${most} are taken` });
  }
}

function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [what, ...(issue?.path ?? [])].join('.');
  throw servingError('REQUEST_MALFORMED', { problem: `${place}: ${issue?.message ?? 'invalid'}` });
}
