import type { Voxels } from '../../volume';
import { type NumberType, decodeVoxels } from '../voxel-files';

/** MetaImage's number types. MET_LONG is four bytes in the file on every machine (MetaIO, metaTypes.h). */
export const elementTypes = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  MET_LONG: 'int32',
  MET_ULONG: 'uint32',
  MET_LONG_LONG: 'int64',
  MET_ULONG_LONG: 'uint64',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
} as const satisfies Record<string, NumberType>;

export type ElementType = keyof typeof elementTypes;

export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(elementTypes, text);
}

/** The voxels as stored, in the first of int16, float32, float64 that holds every value exactly. May reuse `bytes`. */
export function decodeElements(bytes: Uint8Array<ArrayBuffer>, type: ElementType, bigEndian: boolean): Voxels {
  return decodeVoxels(bytes, elementTypes[type], bigEndian);
}
