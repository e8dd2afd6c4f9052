import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestJson, sha256 } from 'durable-files';
import { z } from 'zod';
import type { Candidate, Dataset, SeriesEntry } from '../manifest';
import { type PatchContract, voxelsOf } from '../patches';

/** The patches of one scan in the cache: `<key>.npy`, and `<key>.json` that is written last and says that it is whole. */
export interface Shard {
  /** Over the scan's voxels, the contract and the places: the same patches have the same name in every dataset and split. */
  key: string;
  seriesUid: string;
  /** The scan's file. */
  scan: string;
  /** What memory its int16 voxels take. */
  scanBytes: number;
  /** World millimetres, and what an error calls the place. */
  places: { xyz: Candidate['xyz']; name: string }[];
}

/** Which shard holds a candidate's patch, and where in it. */
export interface ShardTable {
  shards: Shard[];
  shardOf: Uint32Array<SharedArrayBuffer>;
  placeOf: Uint32Array<SharedArrayBuffer>;
}

const FORMAT = 'lungate-patches/1';
const descriptionSchema = z.object({ format: z.literal(FORMAT), patches: z.int(), crc32: z.array(z.int()) });

/** NumPy's format 1.0: magic, a dictionary in text, blanks up to 128 bytes; the values follow. */
export const HEADER_BYTES = 128;

/** Sorts candidates into the shards of their scans, in the order in which the scans first come. */
export function shardsOf(dataset: Dataset, candidates: readonly Candidate[], contract: PatchContract): ShardTable {
  const series = new Map(dataset.manifest.series.map((entry) => [entry.seriesUid, entry]));
  const byNumber = new Map<string, number>();
  const places: Shard['places'][] = [];
  const [shardOf, placeOf] = [sharedUint32(candidates.length), sharedUint32(candidates.length)];
  candidates.forEach(({ id, seriesUid, xyz }, index) => {
    let number = byNumber.get(seriesUid);
    if (number === undefined) byNumber.set(seriesUid, (number = places.push([]) - 1));
    shardOf[index] = number;
    placeOf[index] = places[number]!.push({ xyz, name: `candidate ${id}` }) - 1;
  });
  const contractDigest = digestJson(contract);
  const shards = [...byNumber].map(([seriesUid, number]) =>
    toShard(dataset.dir, series.get(seriesUid)!, contractDigest, places[number]!),
  );
  return { shards, shardOf, placeOf };
}

function toShard(
  dir: string,
  { seriesUid, digest, file, size }: SeriesEntry,
  contractDigest: string,
  places: Shard['places'],
): Shard {
  const lines = places.map(({ xyz }) => xyz.join(' '));
  const key = sha256([FORMAT, digest, contractDigest, ...lines].join('\n')).slice('sha256:'.length);
  return { key, seriesUid, scan: join(dir, file), scanBytes: 2 * size[0] * size[1] * size[2], places };
}

export function shardPath(cacheDir: string, { key }: Pick<Shard, 'key'>): string {
  return join(cacheDir, `${key}.npy`);
}

export function descriptionPath(cacheDir: string, { key }: Pick<Shard, 'key'>): string {
  return join(cacheDir, `${key}.json`);
}

export function shardBytes(patches: number, contract: PatchContract): number {
  return HEADER_BYTES + 2 * patches * voxelsOf(contract);
}

/** The CRC-32 of each patch, or undefined where the shard is not there or its description cannot be read. */
export async function readDescription(cacheDir: string, shard: Shard): Promise<number[] | undefined> {
  const text = await readFile(descriptionPath(cacheDir, shard), 'utf8').catch(() => '');
  const { data } = descriptionSchema.safeParse(parseJson(text));
  const isWhole = data?.patches === shard.places.length && data.crc32.length === shard.places.length;
  return isWhole ? data.crc32 : undefined;
}

export function describeShard(crc32: readonly number[]): z.infer<typeof descriptionSchema> {
  return { format: FORMAT, patches: crc32.length, crc32: [...crc32] };
}

/** `numpy.load(file, mmap_mode="r")` opens a shard as int16 `[patches, slices, rows, columns]`. */
export function npyHeader(patches: number, { patchSize }: PatchContract): Buffer {
  const shape = [patches, ...patchSize].join(', ');
  const text = `{'descr': '<i2', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = Buffer.alloc(HEADER_BYTES, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(HEADER_BYTES - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', HEADER_BYTES - 1, 'latin1');
  return header;
}

export function sharedUint32(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
