import type { DicomElement, DicomElements } from 'dcmjs';
import { repeatsIdentity, textsOf } from './identity-words';
import {
  type Action,
  type ProfileOptions,
  basicProfileAction,
  dictionaryEntry,
  isPrivate,
  profileAction,
} from './profile';
import type { Pseudonyms } from './pseudonyms';
import { shiftDate } from './shift-date';
import type { Deed, Reason, Tally } from './tally';

export interface DeidentifyContext {
  pseudonyms: Pseudonyms;
  /** Decides the pseudonym and the days of the shift; every file of a patient has to come with the same one. */
  patientId: string;
  options: ProfileOptions;
  /** Names and numbers of the patient; a kept text that holds one of them is removed. */
  words: ReadonlySet<string>;
  tally: Tally;
}

/** What is to be done with an attribute, and why. */
interface Decision {
  action: Action;
  reason: Reason;
}

const PIXELS = new Set(['7FE00001', '7FE00002', '7FE00008', '7FE00009', '7FE00010']);
/**
 * Short texts (LO, SH) outside the table that stay, because images are read and told apart by them. All others may be typed
 * by people as freely as long ones.
 */
const KEPT_TEXTS = new Set([
  '00080070', // Manufacturer
  '00081090', // ManufacturerModelName
  '00080100', // CodeValue
  '00080102', // CodingSchemeDesignator
  '00080103', // CodingSchemeVersion
  '00080104', // CodeMeaning
  '00181020', // SoftwareVersions
  '00181160', // FilterType
  '00181210', // ConvolutionKernel
  '00201040', // PositionReferenceIndicator
  '00281054', // RescaleType
  '00281055', // WindowCenterWidthExplanation
  '00283003', // LUTExplanation
]);
/** Schemes whose meanings are published; a hospital's own may say anything. */
const PUBLIC_SCHEMES = new Set(['DCM', 'SCT', 'SRT', 'SNM3', 'UCUM', 'FMA', 'RADLEX', 'LN', 'NCIt', 'UMLS']);
const WELL_KNOWN_UID = /^1\.2\.840\.10008\./;

/**
 * A data set without its patient, by PS3.15 Annex E: the Basic Application Level Confidentiality Profile with the option
 * Retain Longitudinal Temporal Information With Modified Dates, through all nested sequences.
 *
 * Beyond the table: attributes that PS3.6 does not know, whose VR is not the standard's, that hold names, free text or bulk
 * data other than pixels, and texts that repeat the patient's names or numbers are removed.
 */
export function deidentifyDataset(elements: DicomElements, context: DeidentifyContext): DicomElements {
  const kept: DicomElements = {};
  for (const [tag, element] of Object.entries(elements)) {
    if (tag.endsWith('0000') && !isPrivate(tag)) continue; // Group lengths, retired: they would no longer be true.
    const done = isLocalCode(tag, elements) ? localMeaning(context) : deidentifyElement(tag, element, context);
    if (done !== undefined) kept[tag] = done;
  }
  return kept;
}

function isLocalCode(tag: string, item: DicomElements): boolean {
  return tag === '00080104' && !textsOf(item['00080102']).some((scheme) => PUBLIC_SCHEMES.has(scheme.trim()));
}

/** A code's meaning may not be missing. */
function localMeaning({ tally }: DeidentifyContext): DicomElement {
  tally.add('00080104', 'replaced', 'free text');
  return { vr: 'LO', Value: ['REMOVED'] };
}

function deidentifyElement(tag: string, element: DicomElement, context: DeidentifyContext): DicomElement | undefined {
  const { action, reason } = decide(tag, element, context);
  const record = (deed: Deed, why: Reason = reason) => {
    context.tally.add(isPrivate(tag) ? 'PRIVATE' : tag, deed, why);
  };
  const become = (deed: Deed, value: DicomElement | undefined) => {
    record(deed);
    return value;
  };
  const { vr } = element;
  if (tag === '00100010' || tag === '00100020') {
    return become('replaced', { vr, Value: [context.pseudonyms.patient(context.patientId)] });
  }
  switch (action) {
    case 'remove':
      return become('removed', undefined);
    case 'empty':
      return become('emptied', { vr, Value: [] });
    case 'dummy': {
      const dummy = dummyValue(vr);
      return become(dummy ? 'replaced' : 'emptied', { vr, Value: dummy ?? [] });
    }
    case 'uid':
      return vr === 'SQ' ? walk(element, context, record) : become('remapped', remapUids(element, context));
    case 'shift':
      return become('shifted', shifted(element, context));
    case 'keep':
      return vr === 'SQ' ? walk(element, context, record) : become('kept', element);
  }
}

function decide(tag: string, element: DicomElement, context: DeidentifyContext): Decision {
  const { vr } = element;
  const ofTable = profileAction(tag, vr, context.options);
  if (isPrivate(tag)) return { action: 'remove', reason: 'private' };
  if (ofTable === 'shift') return decideDate(tag, element, context);
  if (ofTable === 'keep') return decideCharacteristic(element, context);
  if (ofTable !== undefined) return { action: ofTable, reason: 'table E.1-1' };
  return decideBeyondTable(tag, element, context);
}

/** A date that cannot be moved, because it is none, is treated by the Basic Profile. */
function decideDate(tag: string, element: DicomElement, context: DeidentifyContext): Decision {
  if (shifted(element, context) !== undefined) return { action: 'shift', reason: 'modified dates option' };
  return { action: basicProfileAction(tag), reason: 'table E.1-1' };
}

function decideCharacteristic(element: DicomElement, context: DeidentifyContext): Decision {
  if (repeatsIdentity(element, context.words)) return { action: 'remove', reason: 'repeats an identity' };
  return { action: 'keep', reason: 'patient characteristics option' };
}

function decideBeyondTable(tag: string, element: DicomElement, context: DeidentifyContext): Decision {
  const known = dictionaryEntry(tag);
  const { vr } = element;
  if (known === undefined) return { action: 'remove', reason: 'not in the standard' };
  if (PIXELS.has(tag)) return { action: 'keep', reason: 'not in the table' };
  if (!agrees(vr, known.vr)) return { action: 'remove', reason: 'unexpected VR' };
  if (vr === 'PN') return { action: 'remove', reason: 'name of a person' };
  if (/^(LT|ST|UT|UC|UR|AE)$/.test(vr)) return { action: 'remove', reason: 'free text' };
  if (/^(O[BDFLVW]|UN)$/.test(vr)) return { action: 'remove', reason: 'bulk data' };
  if (vr === 'UI') return decideUid(known.name, element);
  if (/^(DA|DT)$/.test(vr)) {
    const isDate = shifted(element, context) !== undefined;
    return { action: isDate ? 'shift' : 'remove', reason: isDate ? 'modified dates option' : 'unexpected VR' };
  }
  if (vr === 'TM') return { action: 'remove', reason: 'time of day' };
  if (/^(LO|SH)$/.test(vr) && !KEPT_TEXTS.has(tag)) return { action: 'remove', reason: 'free text' };
  if (/^(LO|SH|CS|AS)$/.test(vr) && repeatsIdentity(element, context.words)) {
    return { action: 'remove', reason: 'repeats an identity' };
  }
  return { action: 'keep', reason: 'not in the table' };
}

/** UIDs of classes, syntaxes and schemes name no instance; all others do. */
function decideUid(name: string, element: DicomElement): Decision {
  const isClass = /SOPClass|TransferSyntax|CodingScheme|ImplementationClass/.test(name);
  const isOid = textsOf(element).every((text) => /^[\d.]*$/.test(text) && text.length <= 64);
  return isClass && isOid ? { action: 'keep', reason: 'class UID' } : { action: 'uid', reason: 'instance UID' };
}

/** The dictionary of dcmjs says `ox` for OB or OW, and `xs` for US or SS. */
function agrees(vr: string, standard: string): boolean {
  if (standard === 'ox') return vr === 'OB' || vr === 'OW';
  if (standard === 'xs') return /^(US|SS|OW)$/.test(vr);
  return vr === standard;
}

function walk(
  element: DicomElement,
  context: DeidentifyContext,
  record: (deed: Deed, why?: Reason) => void,
): DicomElement {
  record('kept');
  const items = (element.Value ?? []).filter((item) => item !== null && typeof item === 'object');
  return { vr: 'SQ', Value: items.map((item) => deidentifyDataset(item as DicomElements, context)) };
}

function remapUids(element: DicomElement, { pseudonyms }: DeidentifyContext): DicomElement {
  const uids = textsOf(element).filter((text) => text !== '');
  return {
    vr: 'UI',
    Value: uids.map((uid) => (WELL_KNOWN_UID.test(uid) && /^[\d.]+$/.test(uid) ? uid : pseudonyms.uid(uid))),
  };
}

/** Undefined: some value is no date. */
function shifted(element: DicomElement, { pseudonyms, patientId }: DeidentifyContext): DicomElement | undefined {
  const days = pseudonyms.dayShift(patientId);
  const dates = textsOf(element).map((text) => (text.trim() === '' ? '' : shiftDate(text, days)));
  if (dates.some((date) => date === undefined)) return undefined;
  return { vr: element.vr, Value: dates };
}

/** A value that is valid and says nothing. Undefined: the VR has none; the attribute is left without a value. */
function dummyValue(vr: string): unknown[] | undefined {
  if (/^(AE|CS|LO|LT|SH|ST|UC|UT|PN)$/.test(vr)) return ['REMOVED'];
  const values: Record<string, unknown> = { AS: '000Y', DA: '19000101', DT: '19000101', TM: '000000', DS: 0, IS: 0 };
  return vr in values ? [values[vr]] : undefined;
}
