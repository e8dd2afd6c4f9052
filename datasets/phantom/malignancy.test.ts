import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { seededRandom } from 'seeded-random';
import { describeWithSharedData } from '../../tests/present';
import { drawGrowth, grown } from './growth';
import { drawRatings, drawSuspicion, isMalignant } from './malignancy';
import { drawNodules, type Nodule } from './nodules';
import { drawThorax } from './thorax';

interface Rated {
  diameter: number;
  ratings: number[];
  malignant: boolean;
}

const random = seededRandom(5);
const thorax = drawThorax(random.fork('thorax'), 1);
const drawn = Array.from({ length: 300 }, () => drawNodules(random, thorax, [], 10))
  .flat()
  .map((nodule) => {
    const surroundings = { upperLobe: nodule.centre[2] > 0, emphysema: random.uniform() < 0.28 };
    const suspicion = drawSuspicion(random, nodule, surroundings);
    const ratings = drawRatings(random, suspicion);
    return { nodule, suspicion, diameter: nodule.diameter, ratings, malignant: isMalignant(ratings) };
  });

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rating = (rows: readonly Rated[]) => mean(rows.map(({ ratings }) => mean(ratings)));
const malignant = (rows: readonly Rated[]) => rows.filter((row) => row.malignant).length / rows.length;

describeWithSharedData('malignancy beside LUNA16’s ratings', (sharedData) => {
  let real: Rated[];
  beforeAll(async () => {
    const text = await readFile(join(sharedData, 'luna16', 'annotations_with_malignancy.csv'));
    real = parse<Record<string, string>>(text, { columns: true }).map((row) => ({
      diameter: Number(row['diameter_mm']),
      ratings: JSON.parse(row['mal_details']!) as number[],
      malignant: row['mal_bool'] === 'True',
    }));
  });

  test('the label follows from the ratings as LUNA16’s does', () => {
    expect(real.filter(({ ratings, malignant }) => isMalignant(ratings) !== malignant)).toEqual([]);
  });

  test.each([
    [3, 5],
    [5, 6],
    [6, 8],
    [8, 10],
    [10, 15],
    [15, 30],
  ])('nodules of %d to %d mm are rated and labelled as theirs', (low, high) => {
    const within = <T extends Rated>(rows: T[]) => rows.filter(({ diameter }) => diameter >= low && diameter < high);
    expect(Math.abs(rating(within(drawn)) - rating(within(real)))).toBeLessThan(0.25);
    expect(Math.abs(malignant(within(drawn)) - malignant(within(real)))).toBeLessThan(0.1);
  });

  test('each rating is given about as often', () => {
    const share = (rows: readonly Rated[], value: number) => {
      const all = rows.flatMap(({ ratings }) => ratings);
      return all.filter((given) => given === value).length / all.length;
    };
    for (const value of [1, 2, 3, 4, 5]) {
      expect(Math.abs(share(drawn, value) - share(real, value))).toBeLessThan(0.08);
    }
  });
});

test('at equal size spiculated nodules are rated higher, calcified ones lower', () => {
  const of = (is: (nodule: Nodule) => boolean) =>
    rating(drawn.filter(({ nodule, diameter }) => diameter > 8 && diameter < 15 && is(nodule)));
  const smooth = of(({ spicules, calcified }) => spicules.length === 0 && !calcified);
  expect(of(({ spicules }) => spicules.length > 0)).toBeGreaterThan(smooth + 0.2);
  expect(of(({ calcified }) => calcified)).toBeLessThan(smooth - 0.7);
});

test('suspicious solid nodules double within months, the others take years or shrink', () => {
  const yearly = (rows: typeof drawn) => {
    const growths = rows.map(({ nodule, suspicion }) => {
      const later = grown(nodule, drawGrowth(random, nodule, suspicion), 365);
      return later.diameter / nodule.diameter;
    });
    return growths.sort((a, b) => a - b)[growths.length >> 1]!;
  };
  const middle = drawn.filter(({ diameter, nodule }) => nodule.kind === 'solid' && diameter > 6 && diameter < 15);
  expect(yearly(middle.filter(({ suspicion }) => suspicion > 4.5))).toBeGreaterThan(1.25);
  expect(yearly(middle.filter(({ suspicion }) => suspicion < 2.5))).toBeLessThan(1.12);
});
