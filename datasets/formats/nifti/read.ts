import { type Volume, exactVoxels } from '../../volume';
import { decodeNumbers, fileLength, readHead, readStoredVoxels, refuseImpossible, unpackHead } from '../voxel-files';
import { raiseFault } from './errors';
import { HEADER_BYTES, parseHeader } from './header';

/**
 * Reads a NIfTI-1 or NIfTI-2 volume: `.nii`, or `.hdr` with its `.img` (either of the two may be named), each of them
 * plain or gzipped, in either byte order. Voxels are stored × scl_slope + scl_inter, computed in float64.
 *
 * @param limits `maxVoxels` refuses larger images before memory is taken for them (2^29 unless told).
 * @throws CodedError of the NIFTI_… family: what was wrong and in which file.
 */
export async function readNifti(path: string, limits: { maxVoxels?: number } = {}): Promise<Volume> {
  const headerPath = path.replace(/\.(img)(\.gz)?$/i, (_all, img: string) => (img === 'IMG' ? '.HDR' : '.hdr'));
  const header = parseHeader(await readHeaderBytes(headerPath), headerPath, limits.maxVoxels);
  const voxelPath = header.single ? headerPath : await imageBeside(headerPath);
  const bytes = await readVoxels(voxelPath, header.offset, header.voxelBytes);
  const numbers = decodeNumbers(bytes, header.type, header.bigEndian);
  return { hu: exactVoxels(numbers, header.slope, header.intercept), ...header.geometry };
}

async function readHeaderBytes(path: string): Promise<Uint8Array> {
  const head = await readHead(path, HEADER_BYTES, raiseFault);
  if (!isGzip(head)) return head;
  const length = await fileLength(path, raiseFault);
  return unpackHead({ path, offset: 0, length }, HEADER_BYTES, raiseFault);
}

/** The `.img` or `.img.gz` of a `.hdr`. */
async function imageBeside(headerPath: string): Promise<string> {
  const stem = headerPath.replace(/\.(hdr|nii)(\.gz)?$/i, '');
  const plain = `${stem}${headerPath.includes('.HDR') ? '.IMG' : '.img'}`;
  const lengthOf = (path: string) => fileLength(path, raiseFault);
  return lengthOf(plain).then(
    () => plain,
    async (missing: unknown) =>
      lengthOf(`${plain}.gz`).then(
        () => `${plain}.gz`,
        () => Promise.reject(missing as Error),
      ),
  );
}

async function readVoxels(path: string, skip: number, voxelBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const length = await fileLength(path, raiseFault);
  const packed = isGzip(await readHead(path, 2, raiseFault));
  const part = { path, offset: 0, length };
  if (packed) refuseImpossible(part, skip + voxelBytes, raiseFault);
  else refuseOtherLength(path, length - skip, voxelBytes);
  return readStoredVoxels({ parts: [part], packed, skip, voxelBytes }, raiseFault);
}

function refuseOtherLength(file: string, found: number, expected: number): void {
  if (found < expected) throw raiseFault('TRUNCATED', { file, found: Math.max(found, 0), expected });
  if (found > expected) throw raiseFault('WRONG_SIZE', { file, found, expected });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
