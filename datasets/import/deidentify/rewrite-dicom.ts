import dcmjs, { type DicomElements } from 'dcmjs';
import { type DeidentifyContext, deidentifyDataset } from './deidentify-dataset';
import { deidentifyError } from './errors';
import { identityWords } from './identity-words';
import { PROFILE_EDITION } from './profile';
import { type Refusal, refuseImage } from './refuse-image';

const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
/** Syntaxes that are unpacked, swapped or given their VRs when rewritten; every other one keeps its pixels as they are. */
const REWRITTEN_AS_EXPLICIT = new Set([
  '',
  '1.2.840.10008.1.2',
  EXPLICIT_LITTLE,
  '1.2.840.10008.1.2.1.99',
  EXPLICIT_BIG,
]);
const IMPLEMENTATION_UID = '2.25.313045811223344028331117253024146290105';

// dcmjs warns on the console, with values of the file.
dcmjs.log.setLevel('silent');
dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');

/** A file in the hands of the de-identifier. */
export interface OpenedDicom {
  elements: DicomElements;
  transferSyntax: string;
  refusal: Refusal | undefined;
}

/**
 * Reads a DICOM file's tags, with its pixels or without.
 *
 * @throws CodedError DEID_UNREADABLE.
 */
export function openDicom(bytes: Uint8Array, name: string, { pixels }: { pixels: boolean }): OpenedDicom {
  const { meta, dict } = readTags(new Uint8Array(bytes).buffer, name, pixels);
  const [value] = meta['00020010']?.Value ?? [];
  const transferSyntax = typeof value === 'string' ? value : '';
  const elements = pixels && transferSyntax === EXPLICIT_BIG ? withLittleEndianPixels(dict) : dict;
  return { elements, transferSyntax, refusal: refuseImage(dict) };
}

function readTags(buffer: ArrayBuffer, name: string, pixels: boolean): { meta: DicomElements; dict: DicomElements } {
  const options = pixels ? {} : { untilTag: '7FE00010', includeUntilTagValue: false };
  try {
    return dcmjs.data.DicomMessage.readFile(buffer, options);
  } catch (error) {
    // The cause is left out: dcmjs quotes values of the file.
    const why = error instanceof RangeError ? 'it ends early' : 'its structure is broken';
    throw deidentifyError('DEID_UNREADABLE', { file: name, why });
  }
}

/** dcmjs turns numbers into those of this machine, but leaves words of pixels as they lie in the file. */
function withLittleEndianPixels(elements: DicomElements): DicomElements {
  const pixels = elements['7FE00010'];
  const swapped = pixels?.Value?.map((value) =>
    value instanceof ArrayBuffer && pixels.vr === 'OW' ? new Uint8Array(Buffer.from(value).swap16()).buffer : value,
  );
  return pixels && swapped ? { ...elements, '7FE00010': { vr: pixels.vr, Value: swapped } } : elements;
}

/** The tags of a file without its patient; `seriesUid` stands for its SeriesInstanceUID. */
export function deidentifyElements(
  elements: DicomElements,
  context: Omit<DeidentifyContext, 'words'>,
  seriesUid: string,
): DicomElements {
  const clean = deidentifyDataset(elements, { ...context, words: identityWords(elements) });
  const { retainPatientCharacteristics } = context.options;
  return {
    ...clean,
    '0020000E': { vr: 'UI', Value: [seriesUid] },
    '00120062': { vr: 'CS', Value: ['YES'] },
    '00120063': { vr: 'LO', Value: [`Lungate, ${PROFILE_EDITION} Annex E, see 0012,0064`] },
    '00120064': {
      vr: 'SQ',
      Value: [
        code('113100', 'Basic Application Confidentiality Profile'),
        code('113107', 'Retain Longitudinal Temporal Information Modified Dates Option'),
        ...(retainPatientCharacteristics ? [code('113108', 'Retain Patient Characteristics Option')] : []),
      ],
    },
    '00280303': { vr: 'CS', Value: ['MODIFIED'] },
  };
}

/** The bytes of a Part 10 file of these tags. Pixels that are compressed stay so; all else is explicit little-endian. */
export function writeDicom(elements: DicomElements, transferSyntax: string): Uint8Array {
  const uid = (tag: string) => elements[tag]?.Value?.[0] ?? '';
  const syntax = REWRITTEN_AS_EXPLICIT.has(transferSyntax) ? EXPLICIT_LITTLE : transferSyntax;
  const file = new dcmjs.data.DicomDict({
    '00020001': { vr: 'OB', Value: [new Uint8Array([0, 1]).buffer] },
    '00020002': { vr: 'UI', Value: [uid('00080016')] },
    '00020003': { vr: 'UI', Value: [uid('00080018')] },
    '00020010': { vr: 'UI', Value: [syntax] },
    '00020012': { vr: 'UI', Value: [IMPLEMENTATION_UID] },
    '00020013': { vr: 'SH', Value: ['LUNGATE'] },
  });
  file.dict = elements;
  return new Uint8Array(file.write({ fragmentMultiframe: false }));
}

/** A code of PS3.16 CID 7050, De-identification Method. */
function code(value: string, meaning: string): DicomElements {
  return {
    '00080100': { vr: 'SH', Value: [value] },
    '00080102': { vr: 'SH', Value: ['DCM'] },
    '00080104': { vr: 'LO', Value: [meaning] },
  };
}
