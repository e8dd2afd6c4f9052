import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import dcmjs from 'dcmjs';
import { z } from 'zod';

/** The edition of PS3.15 that Table E.1-1 is taken from. */
export const PROFILE_EDITION = 'PS3.15 2024b';

/**
 * What becomes of an attribute:
 * `remove` X; `empty` Z; `dummy` D; `uid` U; `shift` C of the modified-dates option; `keep` K, or not in the table.
 */
export type Action = 'remove' | 'empty' | 'dummy' | 'uid' | 'shift' | 'keep';

export interface ProfileOptions {
  /** PS3.15 E.3.4, Retain Patient Characteristics: sex, age, size, weight, ethnic group, smoking and the like stay. */
  retainPatientCharacteristics: boolean;
}

export interface ProfileRow {
  /** Eight hexadecimal digits; `50XXXXXX` and the like for repeating groups, `PRIVATE` for all odd groups. */
  tag: string;
  name: string;
  /** Of the Basic Profile: `X`, `Z`, `D`, `U` or alternatives such as `X/Z/D`. */
  basic: string;
  /** `C` where Retain Longitudinal Temporal Information With Modified Dates has a say. */
  modified_dates: string;
  patient_characteristics: string;
}

const rowSchema = z.object({
  tag: z.string(),
  name: z.string(),
  basic: z.string(),
  modified_dates: z.string(),
  patient_characteristics: z.string(),
});

/** PS3.15 Table E.1-1: the attributes of the Basic Application Level Confidentiality Profile and its options. */
export const confidentialityProfile: readonly ProfileRow[] = z
  .array(rowSchema)
  .parse(parse(readFileSync(join(__dirname, 'confidentiality-profile.csv')), { columns: true }));

const rowOf = new Map(confidentialityProfile.map((row) => [row.tag, row]));

/** What the table and its options say of an attribute; undefined: they do not name it. */
export function profileAction(tag: string, vr: string, options: ProfileOptions): Action | undefined {
  if (isPrivate(tag)) return 'remove';
  // Curves and overlays go whole: a header without its data is of no use.
  if (/^[56]0[01]/.test(tag)) return 'remove';
  const row = rowOf.get(tag);
  if (row === undefined) return undefined;
  if (options.retainPatientCharacteristics && row.patient_characteristics === 'K') return 'keep';
  if (row.modified_dates === 'C' && /^(DA|DT)$/.test(vr)) return 'shift';
  return basicAction(row);
}

/** What is done where no option speaks, or where a date to be shifted is none. */
export function basicProfileAction(tag: string): Action {
  const row = rowOf.get(tag);
  return row === undefined ? 'remove' : basicAction(row);
}

/**
 * Of alternatives, which depend on what the attribute's module asks for, the one that is right for all of them: a dummy
 * value also stands where none or an empty one would do.
 */
function basicAction({ basic }: ProfileRow): Action {
  const codes = basic.split('/');
  if (codes.includes('U')) return 'uid';
  if (codes.includes('D')) return 'dummy';
  return codes.includes('Z') ? 'empty' : 'remove';
}

export function isPrivate(tag: string): boolean {
  return parseInt(tag.slice(3, 4), 16) % 2 === 1;
}

/** Name and VR of an attribute in the standard's dictionary (PS3.6); undefined: it has none. */
export function dictionaryEntry(tag: string): { vr: string; name: string } | undefined {
  return dcmjs.data.DicomMetaDictionary.dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`];
}
