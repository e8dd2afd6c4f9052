import { open } from 'node:fs/promises';
import { type Volume, exactVoxels } from '../../volume';
import {
  type FileRange,
  besideHeader,
  decodeVoxels,
  fileLength,
  readHead,
  readStoredVoxels,
  refuseImpossible,
} from '../voxel-files';
import { nrrdError, raiseFault } from './errors';
import { LONGEST_HEADER } from './fields';
import { type NrrdHeader, parseHeader } from './header';
import { hexToBytes, textToNumbers } from './text';

/**
 * Reads a NRRD volume: `.nrrd`, or `.nhdr` with its data file or files of slices; encodings raw, gzip, text and hex.
 *
 * @param limits `maxVoxels` refuses larger images before memory is taken for them (2^29 unless told).
 * @throws CodedError of the NRRD_… family: what was wrong and in which file.
 */
export async function readNrrd(path: string, limits: { maxVoxels?: number } = {}): Promise<Volume> {
  const header = parseHeader(await readHead(path, LONGEST_HEADER, raiseFault), path, limits.maxVoxels);
  const files = header.dataFiles.map((name) => besideHeader(path, name, raiseFault));
  const parts: FileRange[] = [];
  for (const file of files) parts.push(await partOf(header, file, 0));
  if (files.length === 0) parts.push(await partOf(header, path, header.headerBytes));
  return { hu: await readVoxels(header, parts), ...header.geometry };
}

/** What of a data file is voxels, as far as its length can tell, checked before memory is taken. */
async function partOf(header: NrrdHeader, path: string, start: number): Promise<FileRange> {
  const length = await fileLength(path, raiseFault);
  const offset = await skipLines(path, start, header.lineSkip);
  const expected = header.voxelBytes / Math.max(header.dataFiles.length, 1);
  if (header.encoding === 'raw' && header.byteSkip === -1) {
    if (length < expected) throw raiseFault('TRUNCATED', { file: path, found: length, expected });
    return { path, offset: length - expected, length: expected };
  }
  const found = Math.max(length - offset - (header.encoding === 'gzip' ? 0 : header.byteSkip), 0);
  if (header.encoding === 'gzip')
    refuseImpossible({ path, offset, length: found }, header.byteSkip + expected, raiseFault);
  if (header.encoding === 'raw') {
    if (found < expected) throw raiseFault('TRUNCATED', { file: path, found, expected });
    if (found > expected) throw raiseFault('WRONG_SIZE', { file: path, found, expected });
  }
  return { path, offset: offset + (header.encoding === 'gzip' ? 0 : header.byteSkip), length: found };
}

async function readVoxels(header: NrrdHeader, parts: readonly FileRange[]): Promise<Volume['hu']> {
  const { encoding, type, bigEndian, voxels, voxelBytes } = header;
  if (encoding === 'raw' || encoding === 'gzip') {
    const packed = encoding === 'gzip';
    const stored = { parts, packed, skip: packed ? header.byteSkip : 0, voxelBytes };
    return decodeVoxels(await readStoredVoxels(stored, raiseFault), type, bigEndian);
  }
  const { path: file, length } = parts[0]!;
  // Text has no length of its own that could be checked first: twenty characters a number are plenty, and spaces some.
  if (length > 1 << 28 || length > voxels * 64 + (1 << 16)) {
    throw nrrdError('NRRD_WRONG_SIZE', { file, found: length, expected: voxelBytes });
  }
  const text = Buffer.from(await readStoredVoxels({ parts, packed: false, voxelBytes: length }, raiseFault));
  if (encoding === 'hex') return decodeVoxels(hexToBytes(text, voxelBytes, file), type, bigEndian);
  return exactVoxels(textToNumbers(text, voxels, file));
}

/** The place behind so many line ends. */
async function skipLines(path: string, start: number, lines: number): Promise<number> {
  if (lines === 0) return start;
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    for (let offset = start, left = lines; ;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, offset);
      if (bytesRead === 0) throw raiseFault('TRUNCATED', { file: path, found: 0, expected: lines });
      for (let i = chunk.indexOf(10); i !== -1 && i < bytesRead; i = chunk.indexOf(10, i + 1)) {
        if (--left === 0) return offset + i + 1;
      }
      offset += bytesRead;
    }
  } finally {
    await file.close();
  }
}
