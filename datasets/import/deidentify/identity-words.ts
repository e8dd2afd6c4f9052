import type { DicomElement, DicomElements } from 'dcmjs';

/** Attributes whose words name the patient or the visit: PatientName, PatientID, AccessionNumber, OtherPatientIDs. */
const IDENTIFIERS = ['00100020', '00080050', '00101000', '00101001', '00101005', '00101060', '00100010', '00200010'];
/** Shorter words stand in too much else: `CT`, `Li`. */
const SHORTEST = 4;

/** Words of the patient's names and numbers, in lower case: no value that is kept may hold one of them. */
export function identityWords(elements: DicomElements): ReadonlySet<string> {
  const words = IDENTIFIERS.flatMap((tag) => textsOf(elements[tag]))
    .flatMap((text) => [text, ...text.split(/[\s^=,;/\\]+/)])
    .map((word) => word.trim().toLowerCase());
  return new Set(words.filter((word) => word.length >= SHORTEST && !/^[0.]+$/.test(word)));
}

export function repeatsIdentity(element: DicomElement, words: ReadonlySet<string>): boolean {
  return textsOf(element).some((text) => {
    const lower = text.toLowerCase();
    return [...words].some((word) => lower.includes(word));
  });
}

/** An element's values as text; of a person's name every way it is written. */
export function textsOf(element: DicomElement | undefined): string[] {
  return (element?.Value ?? []).flatMap((value) => {
    if (typeof value === 'string') return [value];
    if (typeof value === 'number') return [String(value)];
    if (value === null || typeof value !== 'object' || value instanceof ArrayBuffer) return [];
    return Object.values(value).filter((part): part is string => typeof part === 'string');
  });
}
