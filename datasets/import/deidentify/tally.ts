import { dictionaryEntry } from './profile';

/** What was done with an attribute. `kept` values are those of the source. */
export type Deed = 'removed' | 'emptied' | 'replaced' | 'remapped' | 'shifted' | 'kept';

/** Why, in words of the report: Table E.1-1, one of its options, or a rule beyond the table. */
export type Reason =
  | 'table E.1-1'
  | 'modified dates option'
  | 'patient characteristics option'
  | 'private'
  | 'not in the standard'
  | 'unexpected VR'
  | 'free text'
  | 'name of a person'
  | 'bulk data'
  | 'time of day'
  | 'instance UID'
  | 'class UID'
  | 'repeats an identity'
  | 'not in the table';

export interface TallyRow {
  /** Eight hexadecimal digits, or `PRIVATE` for all of those together. */
  tag: string;
  name: string;
  deed: Deed;
  reason: Reason;
  count: number;
}

/** Counts of what was done by tag; no value ever enters it. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(tag: string, deed: Deed, reason: Reason): void {
    const key = `${tag}|${deed}|${reason}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  addRows(rows: readonly Omit<TallyRow, 'name'>[]): void {
    for (const { tag, deed, reason, count } of rows) {
      const key = `${tag}|${deed}|${reason}`;
      this.counts.set(key, (this.counts.get(key) ?? 0) + count);
    }
  }

  /** In the order of the tags. */
  rows(): TallyRow[] {
    return [...this.counts]
      .map(([key, count]) => {
        const [tag, deed, reason] = key.split('|') as [string, Deed, Reason];
        return { tag, name: nameOf(tag), deed, reason, count };
      })
      .sort((a, b) => (`${a.tag}${a.deed}${a.reason}` < `${b.tag}${b.deed}${b.reason}` ? -1 : 1));
  }
}

function nameOf(tag: string): string {
  return tag === 'PRIVATE' ? 'private attributes' : (dictionaryEntry(tag)?.name ?? 'unknown');
}
