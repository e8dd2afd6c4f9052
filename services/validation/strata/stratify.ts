import type { Candidate, DatasetManifest } from '../../../datasets';
import { validationError } from '../errors';
import { type Dimension, dimensionOf, dimensionsTold } from './dimensions';
import type { Levels, StrataOfSuite } from './schema';

/** The cases of one level. */
export interface Level {
  label: string;
  /** Whether its cases have this value in common; false for those of which none is known. */
  known: boolean;
  /** Places in the list of candidates. */
  members: number[];
}

/** The cases by one dimension. */
export interface Stratification {
  /** As the suite names it. */
  name: string;
  title: string;
  /**
   * Whether only positive cases have a value, as the diameter of a nodule: negatives then stand in no level, and each
   * level's positives are told from all of them.
   */
  ofPositives: boolean;
  levels: Level[];
}

/** More words than this are names of scans or people, not levels. */
const MOST_LEVELS = 20;

/**
 * Sorts the holdout's candidates into the levels that the suite asks for. Cases without a value form the level
 * `not known`, the last one, where there are any.
 *
 * @throws VALIDATION_STRATUM_UNKNOWN, VALIDATION_STRATUM_EMPTY, VALIDATION_STRATUM_UNLISTED,
 * VALIDATION_STRATUM_NOT_A_NUMBER, VALIDATION_STRATUM_TOO_MANY_LEVELS
 */
export function stratify(
  { by }: Pick<StrataOfSuite, 'by'>,
  manifest: Pick<DatasetManifest, 'series'>,
  candidates: readonly Candidate[],
): Stratification[] {
  return Object.entries(by).map(([name, levels]) => stratifyBy(name, levels, manifest, candidates));
}

function stratifyBy(
  name: string,
  levels: Levels,
  { series }: Pick<DatasetManifest, 'series'>,
  candidates: readonly Candidate[],
): Stratification {
  const dimension = dimensionOf(name);
  const ofUid = new Map(series.map((entry) => [entry.seriesUid, entry]));
  const values = candidates.map((candidate) => dimension.read(candidate, ofUid.get(candidate.seriesUid)!));
  if (values.every((value) => value === null)) {
    throw validationError('VALIDATION_STRATUM_UNKNOWN', { dimension: name, told: dimensionsTold(series).join(', ') });
  }
  const ofPositives = candidates.every(({ label }, i) => label === 1 || values[i] === null);
  const found = isEdges(levels) ? ranges(name, dimension, levels, values) : words(name, levels, values);
  const empty = found.find(({ members }) => members.length === 0);
  if (empty) throw validationError('VALIDATION_STRATUM_EMPTY', { dimension: name, level: empty.label });
  const unknown = [...values.keys()].filter((i) => values[i] === null && !(ofPositives && candidates[i]!.label === 0));
  const rest = unknown.length === 0 ? [] : [{ label: 'not known', known: false, members: unknown }];
  return { name, title: dimension.title, ofPositives, levels: [...found, ...rest] };
}

type Value = string | number | null;

function isEdges(levels: Levels): levels is number[] {
  return Array.isArray(levels) && typeof levels[0] === 'number';
}

/**
 * Below the first edge, above the last, and in between; both ends of the middle belong to it: `[6, 10]` is < 6, 6–10 and
 * > 10. Of an inner edge the value stands above; a single edge stands below: `[1.5]` is ≤ 1.5 and > 1.5.
 */
function ranges(name: string, { unit }: Dimension, edges: readonly number[], values: readonly Value[]): Level[] {
  const numbers = values.map((value) => {
    if (value === null) return null;
    const number = value === '' ? NaN : Number(value);
    if (Number.isFinite(number)) return number;
    throw validationError('VALIDATION_STRATUM_NOT_A_NUMBER', { dimension: name, value: String(value).slice(0, 40) });
  });
  const last = edges.length - 1;
  const levelOf = (value: number) => {
    if (value > edges[last]!) return edges.length;
    return Math.min(last, edges.filter((edge) => value >= edge).length);
  };
  const label = (level: number) => {
    const suffix = unit === '' ? '' : ` ${unit}`;
    if (level === 0) return `${last === 0 ? '≤' : '<'} ${edges[0]!}${suffix}`;
    if (level > last) return `> ${edges[last]!}${suffix}`;
    return `${edges[level - 1]!}–${edges[level]!}${suffix}`;
  };
  return Array.from({ length: edges.length + 1 }, (_, level) => ({
    label: label(level),
    known: true,
    members: [...numbers.keys()].filter((i) => numbers[i] !== null && levelOf(numbers[i]!) === level),
  }));
}

function words(name: string, levels: Levels, values: readonly Value[]): Level[] {
  const cells = values.map((value) => (value === null ? null : String(value)));
  const found = [...new Set(cells.filter((cell) => cell !== null))].sort();
  const listed = levels === 'all' ? found : levels.map(String);
  const other = found.find((word) => !listed.includes(word));
  if (other !== undefined) {
    const details = { dimension: name, value: other.slice(0, 40), levels: listed.join(', ') };
    throw validationError('VALIDATION_STRATUM_UNLISTED', details);
  }
  if (found.length > MOST_LEVELS) {
    const details = { dimension: name, levels: found.length, most: MOST_LEVELS };
    throw validationError('VALIDATION_STRATUM_TOO_MANY_LEVELS', details);
  }
  return listed.map((word) => ({
    label: word,
    known: true,
    members: [...cells.keys()].filter((i) => cells[i] === word),
  }));
}
