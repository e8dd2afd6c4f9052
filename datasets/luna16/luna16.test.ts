import { appendFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithSharedData } from '../../tests/present';
import { writeMetaImage } from '../formats/metaimage';
import { buildManifest, holdoutDigest } from '../manifest';
import type { Volume } from '../volume';
import { readAnnotations } from './annotations';
import { openLuna16 } from '.';

const scan = (shade: number): Volume => ({
  hu: new Int16Array(6 * 8 * 10).fill(shade),
  size: [6, 8, 10],
  spacingXyz: [0.7, 0.7, 1.25],
  originXyz: [-100, -50, -300],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
});
const CANDIDATES = `seriesuid,coordX,coordY,coordZ,class
1.2,-97,-47,-296,1
1.2,-98,-48,-297,0
1.3,-97,-47,-296,0
9.9,0,0,0,0
9.9,1,1,1,1
1.2,-95,-45,-295,1
`;
const ANNOTATIONS = `seriesuid,coordX,coordY,coordZ,diameter_mm
1.2,-97,-46.5,-296,6.5
1.2,-97,-46,-296,20
9.9,0,0,0,5
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'luna16-'));
  await writeMetaImage(join(dir, 'subset0', '1.3.mhd'), scan(3));
  await writeMetaImage(join(dir, 'subset1', '1.2.mhd'), scan(2), { compressed: true });
  await writeFile(join(dir, 'candidates_V2.csv'), CANDIDATES);
  await writeFile(join(dir, 'annotations.csv'), ANNOTATIONS);
});

test('the subsets are one dataset: series in order of their UIDs, candidates in order of the file', async () => {
  const { manifest } = await openLuna16(dir);
  expect(manifest.series.map(({ seriesUid, file, size }) => [seriesUid, file, size])).toEqual([
    ['1.2', join('subset1', '1.2.mhd'), [6, 8, 10]],
    ['1.3', join('subset0', '1.3.mhd'), [6, 8, 10]],
  ]);
  expect(manifest.candidates.map(({ seriesUid, label }) => [seriesUid, label])).toEqual([
    ['1.2', 1],
    ['1.2', 0],
    ['1.3', 0],
    ['1.2', 1],
  ]);
  expect(new Set(manifest.candidates.map(({ id }) => id)).size).toBe(4);
  expect(manifest).toMatchObject({ name: 'luna16', synthetic: false });
});

test('a nodule has the diameter of the nearest annotation that it lies in; a non-nodule has none', async () => {
  const { manifest } = await openLuna16(dir);
  expect(manifest.candidates.map(({ diameterMm }) => diameterMm)).toEqual([6.5, null, null, 20]);
});

test('annotations are kept, also those that no candidate lies in; of other series they are left out', async () => {
  await appendFile(join(dir, 'annotations.csv'), '1.3,-80,-30,-280,4\n');
  const { manifest } = await openLuna16(dir);
  expect(manifest.annotations).toEqual([
    { seriesUid: '1.2', xyz: [-97, -46.5, -296], diameterMm: 6.5, malignancy: null },
    { seriesUid: '1.2', xyz: [-97, -46, -296], diameterMm: 20, malignancy: null },
    { seriesUid: '1.3', xyz: [-80, -30, -280], diameterMm: 4, malignancy: null },
  ]);
});

describe('malignancy', () => {
  const RATED = `seriesuid,coordX,coordY,coordZ,diameter_mm,malignancy
1.2,-97,-46.5,-296,6.5,4.25
1.2,-97,-46,-296,20,3
1.3,-97,-47,-296,5,1.5
1.3,-80,-30,-280,4,
9.9,0,0,0,5,5
`;

  test('is read from a column of the annotations', async () => {
    await writeFile(join(dir, 'annotations.csv'), RATED);
    const { manifest } = await openLuna16(dir);
    expect(manifest.labels).toEqual(['non-nodule', 'nodule']);
    expect(manifest.annotations.map(({ malignancy }) => malignancy)).toEqual([4.25, 3, 1.5, null]);
  });

  test('as a task tells malignant from benign, and leaves out what readers are in doubt about or did not rate', async () => {
    await writeFile(join(dir, 'annotations.csv'), RATED);
    const { manifest, absent } = await openLuna16(dir, { task: 'malignancy' });
    expect(manifest.labels).toEqual(['benign', 'malignant']);
    expect(
      manifest.candidates.map(({ seriesUid, xyz, label, diameterMm }) => [seriesUid, xyz, label, diameterMm]),
    ).toEqual([
      ['1.2', [-97, -46.5, -296], 1, 6.5],
      ['1.3', [-97, -47, -296], 0, 5],
    ]);
    expect(manifest.annotations).toHaveLength(4);
    expect(absent).toEqual({ series: 1, candidates: 1 });
    expect(manifest.digest).not.toBe((await openLuna16(dir)).manifest.digest);
  });

  test('is refused where it is no rating, with line and column', async () => {
    await writeFile(join(dir, 'annotations.csv'), RATED.replace('4.25', '7'));
    const details = { line: 2, column: 'malignancy', value: '7' };
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'CSV_BAD_ROW', details });
  });
});

describe('what series.csv tells of how a scan was made', () => {
  const write = (text: string) => writeFile(join(dir, 'series.csv'), text);
  const attributes = async () => (await openLuna16(dir)).manifest.series.map((series) => series.attributes);

  test('stands with the series, without empty cells, names of patients, and series that it does not have', async () => {
    await write('seriesuid,patient_id,site,kernel,kvp\n1.2,anna,north,,120\n9.9,otto,south,B30f,120\n');
    expect(await attributes()).toEqual([{ site: 'north', kvp: '120' }, undefined]);
  });

  test('changes the version of the dataset, and of a holdout that it is about', async () => {
    const digests = async () => {
      const { manifest } = await openLuna16(dir);
      return [manifest.digest, holdoutDigest(manifest, ['1.2']), holdoutDigest(manifest, ['1.3'])];
    };
    const [bare, , other] = await digests();
    await write('seriesuid,site\n1.2,north\n');
    const [north, held, same] = await digests();
    expect(north).not.toBe(bare);
    expect(same).toBe(other);
    await write('seriesuid,site\n1.2,south\n');
    expect((await digests())[1]).not.toBe(held);
  });

  test('is refused where two rows of a series differ, or a row names none', async () => {
    await write('seriesuid,site\n1.2,north\n1.2,north\n1.2,south\n');
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'SERIES_TWO_ROWS', details: { line: 4 } });
    await write('seriesuid,site\n,north\n');
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'CSV_BAD_ROW', details: { line: 2 } });
    await write('series,site\n1.2,north\n');
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'CSV_MISSING_COLUMN' });
  });
});

test('a dataset of which nothing is told keeps the versions that it had before there were attributes', () => {
  const place = { seriesUid: '1.2', xyz: [1, 2, 3], diameterMm: 6.5 } as const;
  const digest = `sha256:${'1'.repeat(64)}`;
  const manifest = buildManifest({
    name: 'a',
    labels: ['non-nodule', 'nodule'],
    synthetic: false,
    series: [{ seriesUid: '1.2', patientId: 'anna', digest, file: '1.2.mhd', size: [4, 4, 4], spacingXyz: [1, 1, 2] }],
    candidates: [{ ...place, id: '111111111111-1', label: 1 }],
    annotations: [{ ...place, malignancy: null }],
  });
  expect([manifest.digest, holdoutDigest(manifest, ['anna'])]).toEqual([
    'sha256:60d6551fe0d055b3b570b168b46430b37df0a9dce39dcb8c2fb49e44f50c0b20',
    'sha256:780b9257ff084ae48f5fcb23c33f2fc85c344deae2c60932f9a39392771b5722',
  ]);
});

describe('texture', () => {
  const rows = (...cells: string[]) =>
    `seriesuid,coordX,coordY,coordZ,diameter_mm,texture\n${cells.map((cell, i) => `1.2,${i},0,0,5,${cell}`).join('\n')}\n`;
  const textures = async () => (await openLuna16(dir)).manifest.annotations.map((annotation) => annotation.texture);

  test('is a word, or a rating of LIDC-IDRI, or nothing', async () => {
    await writeFile(join(dir, 'annotations.csv'), rows('part-solid', '', '1', '2', '2.5', '3', '3.5', '4', '5'));
    const mixed = Array<string>(3).fill('part-solid');
    expect(await textures()).toEqual([
      ...['part-solid', undefined, 'ground-glass', 'ground-glass'],
      ...[...mixed, 'solid', 'solid'],
    ]);
    await writeFile(join(dir, 'annotations.csv'), rows('6'));
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'CSV_BAD_ROW', details: { column: 'texture' } });
  });

  test.each(['annotations_with_malignancy.csv', 'nodules.csv'])(
    'is found by place in %s, and the candidates in a nodule have it',
    async (table) => {
      const { manifest: bare } = await openLuna16(dir);
      const rated = 'seriesuid,coordX,coordY,coordZ,mal_details,texture\n1.2,-97,-46.5,-296.001,"[3, 4]",5\n';
      await writeFile(join(dir, table), rated);
      const { manifest } = await openLuna16(dir);
      expect(manifest.annotations.map(({ texture }) => texture)).toEqual(['solid', undefined]);
      const solid = manifest.candidates.filter(({ texture }) => texture === 'solid');
      expect(solid.map(({ label, diameterMm }) => [label, diameterMm])).toEqual([[1, 6.5]]);
      expect(manifest.digest).not.toBe(bare.digest);
    },
  );
});

test('candidates of series that are not on this disk are counted and left out', async () => {
  expect((await openLuna16(dir)).absent).toEqual({ series: 1, candidates: 2 });
});

test('a volume is the scan on disk, and a series outside the dataset has none', async () => {
  const dataset = await openLuna16(dir);
  expect(await dataset.volume('1.2')).toEqual(scan(2));
  await expect(dataset.volume('9.9')).rejects.toMatchObject({ code: 'LUNA16_UNKNOWN_SERIES' });
});

test('patients.csv joins the series of a patient; without it each series is its own', async () => {
  const own = (await openLuna16(dir)).manifest;
  expect(own.series.map(({ patientId }) => patientId)).toEqual(['1.2', '1.3']);
  await writeFile(join(dir, 'patients.csv'), 'seriesuid,patient_id\n1.2,anna\n1.3,anna\n');
  const joined = (await openLuna16(dir)).manifest;
  expect(joined.series.map(({ patientId }) => patientId)).toEqual(['anna', 'anna']);
  expect(joined.digest).not.toBe(own.digest);
});

test('csv files with quotes, CRLF, spaces, a byte order mark and more columns are read the same', async () => {
  const plain = (await openLuna16(dir)).manifest;
  for (const cell of [(text: string) => `"${text}"`, (text: string) => ` ${text} `]) {
    const lines = CANDIDATES.trimEnd().split('\n');
    const dressed = lines.map((line) => `note,${line.split(',').map(cell).join(',')}\r\n`).join('');
    await writeFile(join(dir, 'candidates_V2.csv'), `\uFEFF${dressed}`);
    expect((await openLuna16(dir)).manifest).toEqual(plain);
  }
});

describe('the version of a dataset', () => {
  test('is the same for a copy elsewhere, in other subsets, with the candidates in another order', async () => {
    const { manifest } = await openLuna16(dir);
    const copy = await mkdtemp(join(tmpdir(), 'luna16-copy-'));
    await cp(dir, copy, { recursive: true });
    await rename(join(copy, 'subset1'), join(copy, 'subset7'));
    const [header = '', a = '', b = '', c = '', ...rest] = CANDIDATES.split('\n');
    await writeFile(join(copy, 'candidates_V2.csv'), [header, c, a, b, ...rest].join('\n'));
    expect((await openLuna16(copy)).manifest.digest).toBe(manifest.digest);
  });

  test.each([
    ['a voxel', () => writeMetaImage(join(dir, 'subset0', '1.3.mhd'), scan(4))],
    ['a label', () => writeFile(join(dir, 'candidates_V2.csv'), CANDIDATES.replace('-296,0', '-296,1'))],
    ['a diameter', () => writeFile(join(dir, 'annotations.csv'), ANNOTATIONS.replace(',6.5', ',6.6'))],
    ['a series', () => rm(join(dir, 'subset0'), { recursive: true })],
    ['the phantom marker', () => writeFile(join(dir, 'PHANTOM.json'), '{}')],
  ])('changes with %s', async (_name, change) => {
    const { manifest } = await openLuna16(dir);
    await change();
    expect((await openLuna16(dir)).manifest.digest).not.toBe(manifest.digest);
  });

  test('a phantom says that it is one', async () => {
    await writeFile(join(dir, 'PHANTOM.json'), '{}');
    expect((await openLuna16(dir)).manifest).toMatchObject({ name: 'phantom', synthetic: true });
  });
});

describe('digests kept beside the data', () => {
  test('are taken while the files are unchanged, and name no patient', async () => {
    await writeFile(join(dir, 'patients.csv'), 'seriesuid,patient_id\n1.2,anna\n1.3,ben\n');
    const { manifest } = await openLuna16(dir);
    const cache = join(dir, 'lungate-manifest.json');
    const text = await readFile(cache, 'utf8');
    expect(text).not.toMatch(/anna|ben/);
    const planted = `sha256:${'0'.repeat(64)}`;
    await writeFile(cache, text.replace(manifest.series[0]!.digest, planted));
    expect((await openLuna16(dir)).manifest.series[0]!.digest).toBe(planted);
  });

  test.each(['{"version": 1, "ser', '{"version": 0}', '[]'])(
    'are made anew where the file holds %s',
    async (content) => {
      const { manifest } = await openLuna16(dir);
      await writeFile(join(dir, 'lungate-manifest.json'), content);
      expect((await openLuna16(dir)).manifest).toEqual(manifest);
    },
  );

  test('progress counts the series', async () => {
    const told: [number, number][] = [];
    await openLuna16(dir, { onProgress: (done, total) => told.push([done, total]) });
    expect(told).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });
});

describe('a bad dataset is named', () => {
  const rewrite = (file: string, from: string, to: string) => async () => {
    const path = join(dir, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
  };

  test.each<[string, () => Promise<unknown>, object]>([
    [
      'a coordinate is no number',
      rewrite('candidates_V2.csv', '-98,', 'abc,'),
      { line: 3, column: 'coordX', value: 'abc' },
    ],
    [
      'a class is neither 0 nor 1',
      rewrite('candidates_V2.csv', '-297,0', '-297,2'),
      { line: 3, column: 'class', value: '2' },
    ],
    [
      'a row is cut off',
      rewrite('candidates_V2.csv', '-97,-47,-296,0', '-97'),
      { line: 4, column: 'coordY', value: '' },
    ],
    [
      'a row after an empty line is bad',
      rewrite('candidates_V2.csv', '1.2,-98', '\n\n,-98'),
      { line: 5, column: 'seriesuid' },
    ],
    [
      'a diameter is negative',
      rewrite('annotations.csv', ',6.5', ',-6.5'),
      { line: 2, column: 'diameter_mm', value: '-6.5' },
    ],
  ])('a CSV row with its line and column: %s', async (_name, spoil, details) => {
    await spoil();
    await expect(openLuna16(dir)).rejects.toMatchObject({ code: 'CSV_BAD_ROW', details });
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['no folder', 'LUNA16_NO_FOLDER', () => rm(dir, { recursive: true })],
    [
      'no scan',
      'LUNA16_NO_SERIES',
      () => Promise.all(['subset0', 'subset1'].map((name) => rm(join(dir, name), { recursive: true }))),
    ],
    ['no candidates', 'CSV_FILE_MISSING', () => rm(join(dir, 'candidates_V2.csv'))],
    ['a column without its name', 'CSV_MISSING_COLUMN', rewrite('annotations.csv', 'diameter_mm', 'size')],
    ['an open quote', 'CSV_UNREADABLE', rewrite('candidates_V2.csv', '1.2,-98', '"1.2,-98')],
    [
      'a scan under two names',
      'LUNA16_DUPLICATE_SERIES',
      () => writeMetaImage(join(dir, 'subset2', '1.4.mhd'), scan(2)),
    ],
    ['a UID in two subsets', 'LUNA16_DUPLICATE_SERIES', () => writeMetaImage(join(dir, 'subset2', '1.2.mhd'), scan(9))],
    [
      'a series without a patient',
      'LUNA16_PATIENT_MISSING',
      () => writeFile(join(dir, 'patients.csv'), 'seriesuid,patient_id\n1.2,a\n'),
    ],
    [
      'a series with two patients',
      'LUNA16_TWO_PATIENTS',
      () => writeFile(join(dir, 'patients.csv'), 'seriesuid,patient_id\n1.2,a\n1.3,b\n1.2,b\n'),
    ],
    ['a truncated .raw', 'METAIMAGE_TRUNCATED', () => truncate(join(dir, 'subset0', '1.3.raw'), 100)],
    ['a truncated .zraw', 'METAIMAGE_TRUNCATED', () => truncate(join(dir, 'subset1', '1.2.zraw'), 10)],
    [
      'an .mhd with a wrong size',
      'METAIMAGE_WRONG_SIZE',
      rewrite('subset0/1.3.mhd', 'DimSize = 10 8 6', 'DimSize = 10 8 5'),
    ],
  ])('%s: %s, and nothing is written', async (_name, code, spoil) => {
    await spoil();
    await expect(openLuna16(dir)).rejects.toMatchObject({ code });
    const left = await readdir(dir).catch(() => []);
    if (code.startsWith('METAIMAGE')) expect(left).not.toContain('lungate-manifest.json');
  });
});

test('lung masks and other folders beside the subsets are no series', async () => {
  await mkdir(join(dir, 'seg-lungs-LUNA16'));
  await writeMetaImage(join(dir, 'seg-lungs-LUNA16', '1.2.mhd'), scan(1));
  expect((await openLuna16(dir)).manifest.series).toHaveLength(2);
});

describeWithSharedData("LUNA16's own annotations", (shared) => {
  test('have the malignancy of the table that came with the book', async () => {
    for (const name of ['annotations.csv', 'annotations_with_malignancy.csv']) {
      await cp(join(shared, 'luna16', name), join(dir, name));
    }
    const annotations = await readAnnotations(dir);
    expect(annotations).toHaveLength(1186);
    const rated = annotations.flatMap(({ malignancy }) => malignancy ?? []);
    expect(rated).toHaveLength(1182);
    expect(
      [rated.filter((value) => value > 3), rated.filter((value) => value < 3)].map(({ length }) => length),
    ).toEqual([448, 559]);
    expect(annotations[0]!.malignancy).toBe(3);
  });

  test('are read, and give a candidate in the middle of a nodule its diameter', async () => {
    const uid = '1.3.6.1.4.1.14519.5.2.1.6279.6001.100225287222365663678666836860';
    await cp(join(shared, 'luna16', 'annotations.csv'), join(dir, 'annotations.csv'));
    await writeMetaImage(join(dir, 'subset0', `${uid}.mhd`), scan(7));
    await appendFile(join(dir, 'candidates_V2.csv'), `${uid},-128.7,-175.3,-298.4,1\n${uid},0,0,0,0\n`);
    const { manifest } = await openLuna16(dir);
    const diameters = manifest.candidates
      .filter(({ seriesUid }) => seriesUid === uid)
      .map(({ diameterMm }) => diameterMm);
    expect(diameters).toEqual([5.651470635, null]);
  });
});

describe('findings that count neither way', () => {
  const write = (text: string) => writeFile(join(dir, 'annotations_excluded.csv'), text);
  const head = 'seriesuid,coordX,coordY,coordZ,diameter_mm\n';

  test('come from annotations_excluded.csv; a diameter of -1 says that only a point is known', async () => {
    expect((await openLuna16(dir)).manifest.detection).toEqual({ excluded: [] });
    await write(`${head}1.2,1,2,3,-1\n1.2,4,5,6,7.5\n9.9,1,1,1,4\n`);
    expect((await openLuna16(dir)).manifest.detection!.excluded).toEqual([
      { seriesUid: '1.2', xyz: [1, 2, 3], diameterMm: null },
      { seriesUid: '1.2', xyz: [4, 5, 6], diameterMm: 7.5 },
    ]);
  });

  test('change the version of the dataset, and of the holdout that they lie in', async () => {
    const digests = async () => {
      const { manifest } = await openLuna16(dir);
      return [manifest.digest, holdoutDigest(manifest, ['1.2']), holdoutDigest(manifest, ['1.3'])];
    };
    const before = await digests();
    await write(`${head}1.2,1,2,3,-1\n`);
    const after = await digests();
    expect(after.map((digest, i) => digest === before[i])).toEqual([false, false, true]);
  });

  test('are refused where a place is no number', async () => {
    await write(`${head}1.2,1,nan,3,-1\n`);
    await expect(openLuna16(dir)).rejects.toMatchObject({
      code: 'CSV_BAD_ROW',
      details: { line: 2, column: 'coordY' },
    });
  });

  test('say nothing of which nodules are malignant', async () => {
    await write(`${head}1.2,1,2,3,-1\n`);
    expect((await openLuna16(dir, { task: 'malignancy' })).manifest.detection).toBeUndefined();
  });
});
