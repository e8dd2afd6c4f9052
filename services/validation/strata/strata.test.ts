import fc from 'fast-check';
import type { Candidate, SeriesEntry } from '../../../datasets';
import { findEmptyStrata, strataSchema, stratify } from '.';

const entry = (seriesUid: string, attributes?: Record<string, string>, slices = 1): SeriesEntry => ({
  seriesUid,
  patientId: seriesUid,
  digest: seriesUid,
  file: seriesUid,
  size: [1, 1, 1],
  spacingXyz: [0.7, 0.7, slices],
  ...(attributes && { attributes }),
});
const candidate = (seriesUid: string, label: 0 | 1, diameterMm: number | null = null): Candidate => ({
  id: seriesUid,
  seriesUid,
  xyz: [0, 0, 0],
  label,
  diameterMm,
});
type By = Parameters<typeof stratify>[0]['by'];
const levelsOf = (by: By, series: SeriesEntry[], candidates: Candidate[]) =>
  stratify({ by }, { series }, candidates).map(({ name, levels }) => [
    name,
    levels.map(({ label, members }) => [label, members]),
  ]);
const codeOf = (work: () => unknown) => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('levels by edges', () => {
  const nodules = (...diameters: number[]) => diameters.map((diameter) => candidate('a', 1, diameter));

  test('nodules of 6 and of 10 mm belong to the middle', () => {
    expect(levelsOf({ diameter: [6, 10] }, [entry('a')], nodules(5.9, 6, 8, 10, 10.1))).toEqual([
      [
        'diameter',
        [
          ['< 6 mm', [0]],
          ['6–10 mm', [1, 2, 3]],
          ['> 10 mm', [4]],
        ],
      ],
    ]);
  });

  test('a single edge belongs below, an inner one above', () => {
    const series = [1, 1.25, 2.5].map((slices, i) => entry(String(i), undefined, slices));
    const candidates = series.map(({ seriesUid }) => candidate(seriesUid, 1));
    expect(levelsOf({ spacing: [1.25] }, series, candidates)).toEqual([
      [
        'spacing',
        [
          ['≤ 1.25 mm', [0, 1]],
          ['> 1.25 mm', [2]],
        ],
      ],
    ]);
    expect(levelsOf({ diameter: [4, 8, 12] }, [entry('a')], nodules(3, 4, 8, 12, 13))).toEqual([
      [
        'diameter',
        [
          ['< 4 mm', [0]],
          ['4–8 mm', [1]],
          ['8–12 mm', [2, 3]],
          ['> 12 mm', [4]],
        ],
      ],
    ]);
  });

  test('every case lies in exactly one level, whatever the edges', () => {
    const edges = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(edges, fc.array(fc.integer({ min: 0, max: 31 }), { minLength: 1 }), (unordered, diameters) => {
        const by = { diameter: unordered.sort((a, b) => a - b) };
        // One in each level, so that none is empty.
        const filled = [...by.diameter, -1, 100, ...by.diameter.map((edge) => edge + 0.5), ...diameters];
        const [{ levels } = { levels: [] }] = stratify({ by }, { series: [entry('a')] }, nodules(...filled));
        expect(levels.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual([...filled.keys()]);
      }),
    );
  });
});

describe('levels by words', () => {
  const series = [entry('a', { site: 'north' }), entry('b', { site: 'south', kernel: 'B30f' }), entry('c')];
  const candidates = [candidate('a', 1), candidate('a', 0), candidate('b', 0), candidate('c', 1)];

  test('are those that the holdout has, in order; cases of which none is known stand last and apart', () => {
    const [{ levels, ofPositives } = { levels: [], ofPositives: true }] = stratify(
      { by: { site: 'all' } },
      { series },
      candidates,
    );
    expect(levels).toEqual([
      { label: 'north', known: true, members: [0, 1] },
      { label: 'south', known: true, members: [2] },
      { label: 'not known', known: false, members: [3] },
    ]);
    expect(ofPositives).toBe(false);
  });

  test('negatives have no diameter, and so stand in no level of it; a nodule without one does', () => {
    const mixed = [candidate('a', 1, 5), candidate('a', 0), candidate('b', 1)];
    const [diameter] = stratify({ by: { diameter: [4] } }, { series }, [...mixed, candidate('b', 1, 3)]);
    expect(diameter).toMatchObject({ ofPositives: true });
    expect(diameter!.levels.map(({ label, members }) => [label, members])).toEqual([
      ['≤ 4 mm', [3]],
      ['> 4 mm', [0]],
      ['not known', [2]],
    ]);
  });

  test.each<[string, By, string]>([
    ['a dimension that the dataset does not tell', { manufacturer: 'all' }, 'VALIDATION_STRATUM_UNKNOWN'],
    ['a listed level without a case', { site: ['north', 'south', 'west'] }, 'VALIDATION_STRATUM_EMPTY'],
    ['a range without a case', { spacing: [1, 5] }, 'VALIDATION_STRATUM_EMPTY'],
    ['a case of a level that is not listed', { site: ['north'] }, 'VALIDATION_STRATUM_UNLISTED'],
    ['edges for words', { site: [3] }, 'VALIDATION_STRATUM_NOT_A_NUMBER'],
  ])('%s is refused by name', (_, by, code) => {
    expect(codeOf(() => stratify({ by }, { series }, candidates))).toBe(code);
    const [dimension] = Object.keys(by);
    const leftOut = findEmptyStrata({ by: { kernel: 'all', ...by } }, { series }, candidates);
    expect(leftOut).toMatchObject([{ dimension }]);
  });

  test('a column that is called as what every object inherits is unknown like another', () => {
    const by = Object.fromEntries([['toString', 'all' as const]]);
    expect(codeOf(() => stratify({ by }, { series }, candidates))).toBe('VALIDATION_STRATUM_UNKNOWN');
  });

  test('a column with a word a scan is no stratum, and its words are not told', () => {
    const many = Array.from({ length: 21 }, (_, i) => entry(`scan ${i}`, { note: `Mr. ${i}` }));
    const work = () =>
      stratify(
        { by: { note: 'all' } },
        { series: many },
        many.map(({ seriesUid }) => candidate(seriesUid, 1)),
      );
    expect(codeOf(work)).toBe('VALIDATION_STRATUM_TOO_MANY_LEVELS');
    expect(work).not.toThrow(/Mr\./);
  });
});

test.each([{ by: {} }, { by: { diameter: [10, 6] } }, { by: { site: ['a', 'a'] } }, { by: { site: 'some' } }])(
  'a suite with strata %p is refused',
  (strata) => {
    expect(strataSchema.safeParse(strata).success).toBe(false);
  },
);
