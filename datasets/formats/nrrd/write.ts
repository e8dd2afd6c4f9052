import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileDurably } from 'durable-files';
import type { Volume } from '../../volume';
import { nrrdError } from './errors';

const gzipAsync = promisify(gzip);

/**
 * Writes a scan as `.nrrd`, or as `.nhdr` with `.raw` (`.raw.gz` when compressed) beside it. Voxels are written in
 * their own type, little-endian; the header last, so that an interrupted write promises nothing that is not there.
 */
export async function writeNrrd(
  path: string,
  volume: Volume,
  { compressed = false }: { compressed?: boolean } = {},
): Promise<void> {
  const { hu } = volume;
  const detached = path.endsWith('.nhdr');
  if (!detached && !path.endsWith('.nrrd')) throw nrrdError('NRRD_BAD_EXTENSION', { file: path });
  const raw = new Uint8Array(hu.buffer, hu.byteOffset, hu.byteLength);
  const data = compressed ? await gzipAsync(raw) : raw;
  if (!detached) {
    await writeFileDurably(
      path,
      Buffer.concat([Buffer.from(`${headerLines(volume, compressed).join('\n')}\n\n`), data]),
    );
    return;
  }
  const dataPath = `${path.slice(0, -'.nhdr'.length)}${compressed ? '.raw.gz' : '.raw'}`;
  const lines = [...headerLines(volume, compressed), `data file: ${basename(dataPath)}`];
  await writeFileDurably(dataPath, data);
  await writeFileDurably(path, `${lines.join('\n')}\n`);
}

function headerLines({ hu, size, spacingXyz, originXyz, direction }: Volume, compressed: boolean): string[] {
  const [slices, rows, columns] = size;
  const step = (axis: 0 | 1 | 2) =>
    `(${[0, 1, 2].map((world) => direction[3 * axis + world]! * spacingXyz[axis]).join(',')})`;
  return [
    'NRRD0004',
    `type: ${hu instanceof Int16Array ? 'short' : hu instanceof Float32Array ? 'float' : 'double'}`,
    'dimension: 3',
    'space: left-posterior-superior',
    `sizes: ${columns} ${rows} ${slices}`,
    `space directions: ${step(0)} ${step(1)} ${step(2)}`,
    'kinds: domain domain domain',
    'endian: little',
    `encoding: ${compressed ? 'gzip' : 'raw'}`,
    `space origin: (${originXyz.join(',')})`,
  ];
}
