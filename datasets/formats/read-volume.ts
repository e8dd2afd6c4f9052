import { stat } from 'node:fs/promises';
import { isCodedError } from 'coded-error';
import type { Volume } from '../volume';
import { findDicomSeries } from './dicom';
import { formatError } from './errors';
import { looksLikeMetaImage, readMetaImage } from './metaimage';
import { looksLikeNifti, readNifti } from './nifti';
import { looksLikeNrrd, readNrrd } from './nrrd';
import { type RaiseFault, readHead, unpackHead } from './voxel-files';

export interface ReadVolumeOptions {
  /** Refuses larger volumes before memory is taken for them: 2^29 unless told, 1 GiB of int16. */
  maxVoxels?: number;
}

type Reader = (path: string, options: ReadVolumeOptions) => Promise<Volume>;

/** Enough to know any format by. */
const HEAD_BYTES = 4096;

const BY_EXTENSION: readonly [RegExp, Reader][] = [
  [/\.(mhd|mha)$/i, readMetaImage],
  [/\.(nii|hdr|img)(\.gz)?$/i, readNifti],
  [/\.(nrrd|nhdr)$/i, readNrrd],
  [/\.(dcm|dicom|ima|zip)$/i, readDicom],
];

/**
 * Reads a scan, whatever its format: MetaImage (`.mhd`, `.mha`), NIfTI (`.nii`, `.nii.gz`, `.hdr` with `.img`), NRRD
 * (`.nrrd`, `.nhdr`), or DICOM (a folder, `.zip` or file that holds one series). What the file holds counts before
 * its name.
 *
 * @returns voxels in Hounsfield units as the file has them (a rescaling of DICOM or NIfTI is applied), and their place
 *   in millimetres, LPS.
 * @throws FORMAT_NOT_FOUND, FORMAT_UNKNOWN, FORMAT_SEVERAL_SERIES, or the METAIMAGE_…, NIFTI_…, NRRD_… or DICOM_… error
 *   that says what was wrong and in which file.
 *
 * ```ts
 * const { hu, size, spacingXyz } = await readVolume('scan.nii.gz');
 * ```
 */
export async function readVolume(path: string, options: ReadVolumeOptions = {}): Promise<Volume> {
  const found = await stat(path).catch((error: unknown) => {
    throw formatError('FORMAT_NOT_FOUND', { path }, error);
  });
  if (found.isDirectory()) return readDicom(path, options);
  const named = BY_EXTENSION.find(([extension]) => extension.test(path))?.[1];
  // The voxels of an .img may look like anything.
  const reader = /\.img(\.gz)?$/i.test(path) ? readNifti : ((await readerByContent(path, found.size)) ?? named);
  return reader ? reader(path, options) : readUnnamed(path, options);
}

async function readerByContent(path: string, length: number): Promise<Reader | undefined> {
  const notFound: RaiseFault = (_fault, _details, cause) => formatError('FORMAT_NOT_FOUND', { path }, cause);
  const head = await readHead(path, HEAD_BYTES, notFound);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    const unpacked = await unpackHead({ path, offset: 0, length }, HEAD_BYTES, notFound).catch(() => undefined);
    return unpacked && looksLikeNifti(unpacked) ? readNifti : undefined;
  }
  const text = (at: number, count: number) => Buffer.from(head.subarray(at, at + count)).toString('latin1');
  if (looksLikeNrrd(head)) return readNrrd;
  if (looksLikeNifti(head)) return readNifti;
  if (text(0, 4) === 'PK\x03\x04' || text(128, 4) === 'DICM') return readDicom;
  return looksLikeMetaImage(head) ? readMetaImage : undefined;
}

/** Old DICOM files have neither a mark nor a name to know them by. */
async function readUnnamed(path: string, options: ReadVolumeOptions): Promise<Volume> {
  try {
    return await readDicom(path, options);
  } catch (error) {
    const isOther = isCodedError(error) && ['DICOM_NOT_DICOM', 'DICOM_NO_SERIES'].includes(error.code);
    throw isOther ? formatError('FORMAT_UNKNOWN', { path }, error) : error;
  }
}

async function readDicom(path: string, options: ReadVolumeOptions): Promise<Volume> {
  const [series, ...others] = await findDicomSeries(path, options);
  if (!series) throw formatError('FORMAT_UNKNOWN', { path });
  if (others.length > 0) throw formatError('FORMAT_SEVERAL_SERIES', { path, count: others.length + 1 });
  return series.volume();
}
