import type { DicomElements } from 'dcmjs';
import { textsOf } from './identity-words';

export type Refusal =
  'not CT' | 'secondary capture' | 'burned-in annotation' | 'screen save' | 'derived, may have burned-in text';

/** CT, Enhanced CT and Legacy Converted Enhanced CT Image Storage (PS3.6 Annex A). */
const CT_CLASSES = new Set(['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.2.1', '1.2.840.10008.5.1.4.1.1.2.2']);
const SECONDARY_CAPTURE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.|$)/;

/**
 * Why an image may not be taken over: its pixels may show what its tags no longer tell. We do not look for text in pixels,
 * so an image of which that cannot be ruled out is refused, not cleaned.
 */
export function refuseImage(elements: DicomElements): Refusal | undefined {
  const text = (tag: string) => textsOf(elements[tag]).map((value) => value.trim().toUpperCase());
  const [sopClass = ''] = text('00080016');
  const [burnedIn] = text('00280301');
  const imageType = text('00080008');
  if (burnedIn === 'YES') return 'burned-in annotation';
  if (SECONDARY_CAPTURE.test(sopClass) || text('00080064').some((type) => type !== '')) return 'secondary capture';
  if (!CT_CLASSES.has(sopClass)) return 'not CT';
  if (imageType.some((value) => /SCREEN|CAPTURE|REPORT|DOSE_INFO|PROTOCOL/.test(value))) return 'screen save';
  if (imageType[0] === 'DERIVED' && imageType[1] === 'SECONDARY' && burnedIn !== 'NO')
    return 'derived, may have burned-in text';
  return undefined;
}
