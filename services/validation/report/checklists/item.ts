import type { SectionId } from '../outline';
import type { Report } from '../schema';

/** How far the evidence goes: `a person must write` where no machine can know it. */
export type Status = 'covered' | 'partly' | 'a person must write' | 'does not apply';

export interface Coverage {
  status: Status;
  /** Where the evidence says it. */
  sections: readonly SectionId[];
  /** Other files of the evidence or of the bundle that say it. */
  files: readonly string[];
  /** What it says, or what is still to be written. */
  note: string;
}

/** One item of a guideline, in our words: the wording that counts is the published one. */
export interface Item {
  number: string;
  topic: string;
  asks: string;
  coverage: Coverage | ((report: Report) => Coverage);
}

export interface Guideline {
  name: string;
  title: string;
  source: string;
  items: readonly Item[];
}

type Place = SectionId | `file:${string}`;

export const covered = (places: readonly Place[], note = ''): Coverage => at('covered', places, note);
export const partly = (places: readonly Place[], note: string): Coverage => at('partly', places, note);
export const person = (note: string): Coverage => at('a person must write', [], note);
export const notApplicable = (note: string): Coverage => at('does not apply', [], note);

function at(status: Status, places: readonly Place[], note: string): Coverage {
  const isFile = (place: Place): place is `file:${string}` => place.startsWith('file:');
  return {
    status,
    sections: places.filter((place): place is SectionId => !isFile(place)),
    files: places.filter(isFile).map((place) => place.slice('file:'.length)),
    note,
  };
}
