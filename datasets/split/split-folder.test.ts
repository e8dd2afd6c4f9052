import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Candidate, DatasetManifest, SeriesEntry } from '../manifest';
import {
  PARTS,
  foldsByPatient,
  partsOfFold,
  readSplit,
  readStrata,
  splitByPatient,
  splitBySubset,
  writeSplitFolder,
} from '.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'split-folder-'));
});

/** Patients 0 … n−1 with a scan each, those of `followUps` with a second one in the next subset. */
function manifestOf(patients: number, followUps: readonly number[] = []): DatasetManifest {
  const entry = (patient: number, scan: number): SeriesEntry => ({
    seriesUid: `1.${patient}.${scan}`,
    patientId: `p${String(patient).padStart(3, '0')}`,
    digest: `sha256:${String(100 * patient + scan).padStart(64, '0')}`,
    file: `subset${(patient + scan) % 10}/1.${patient}.${scan}.mhd`,
    size: [1, 1, 1],
    spacingXyz: [1, 1, 1],
  });
  const all = Array.from({ length: patients }, (_, i) => i);
  const series = [...all.map((i) => entry(i, 0)), ...followUps.map((i) => entry(i, 1))];
  const candidates = series.flatMap(({ seriesUid }, i) =>
    ([0, 1] as const)
      .filter((label) => label === 0 || i % 3 > 0)
      .map((label): Candidate => ({ id: `${i}-${label}`, seriesUid, xyz: [0, 0, 0], label, diameterMm: null })),
  );
  return {
    name: 'test',
    digest: 'sha256:1',
    synthetic: false,
    labels: ['no', 'yes'],
    series,
    candidates,
    annotations: [],
  };
}

const manifest = manifestOf(20, [3, 7]);
const whole = splitByPatient(manifest, { seed: 1, fractions: { validation: 0.2, test: 0.2 } });
const write = (foldOf?: Map<string, number>) =>
  writeSplitFolder(folder, manifest, whole, { how: {}, ...(foldOf ? { foldOf } : {}) });
const file = (name: string) => join(folder, name);
const edit = async (name: string, change: (text: string) => string) => {
  await writeFile(file(name), change(await readFile(file(name), 'utf8')));
};
const lists = ({ train, validation, test }: { train: string[]; validation: string[]; test: string[] }) => [
  train,
  validation,
  test,
];

test('what is written is read back the same: the folder, its master alone, and its lists alone', async () => {
  await write();
  for (const path of [folder, file('master.csv')]) {
    const read = await readSplit(path, { manifest });
    expect([read.digest, ...lists(read)]).toEqual([whole.digest, ...lists(whole)]);
  }
  await rm(file('master.csv'));
  expect((await readSplit(folder, { manifest })).digest).toBe(whole.digest);
});

test('a person may edit the master alone, in a spreadsheet that quotes and changes line ends', async () => {
  await write();
  for (const part of PARTS) await rm(file(`${part}.csv`));
  const moved = whole.train[0]!;
  await edit('master.csv', (text) =>
    text.replaceAll(`${moved},train`, `"${moved}",validation`).replaceAll('\n', '\r\n'),
  );
  const read = await readSplit(folder, { manifest });
  expect(read.validation).toContain(moved);
  expect(read.train).not.toContain(moved);
});

describe('an edited file that is wrong is refused with file, line and column', () => {
  const lineOf = async (name: string, needle: string) =>
    (await readFile(file(name), 'utf8')).split('\n').findIndex((line) => line.includes(needle)) + 1;

  test.each([
    [
      'a word that is no part',
      'SPLIT_BAD_ROW',
      'part',
      (line: string) => line.replace(/train|validation|test/, 'tset'),
    ],
    [
      'a scan that is not in the dataset',
      'SPLIT_UNKNOWN_SERIES',
      'seriesuid',
      (line: string) => line.replace('1.0.0', '9.9.9'),
    ],
    ['another patient', 'SPLIT_OTHER_PATIENT', 'patient_id', (line: string) => line.replace('p000', 'somebody')],
    ['a fold that is no number', 'SPLIT_BAD_ROW', 'fold', (line: string) => line.replace(/,$/, ',x')],
  ])('%s', async (_what, problem, column, change) => {
    await write();
    for (const part of PARTS) await rm(file(`${part}.csv`));
    const line = await lineOf('master.csv', '1.0.0');
    await edit('master.csv', (text) => text.replace(/^1\.0\.0.*$/m, change));
    const refused = readSplit(folder, { manifest });
    await expect(refused).rejects.toMatchObject({
      code: 'SPLIT_CSV_WRONG',
      details: { file: file('master.csv'), line, column, problem },
    });
    await expect(refused).rejects.not.toThrow(/somebody/);
  });

  test('a patient on two sides, of whom one scan was moved', async () => {
    await write();
    for (const part of PARTS) await rm(file(`${part}.csv`));
    await edit('master.csv', (text) =>
      text.replace(
        /^(1\.3\.1,p003),\w+/m,
        (_row, start: string) => `${start},${whole.test.includes('p003') ? 'train' : 'test'}`,
      ),
    );
    await expect(readSplit(folder)).rejects.toMatchObject({
      details: { problem: 'SPLIT_PATIENT_ON_TWO_SIDES', column: 'patient_id' },
    });
  });

  test('a scan that stands twice', async () => {
    await write();
    await edit('master.csv', (text) => `${text}${text.split('\n')[1]!}\n`);
    await expect(readSplit(folder)).rejects.toMatchObject({ details: { problem: 'SPLIT_REPEATED_SERIES', line: 24 } });
  });

  test('a list that says other than the master', async () => {
    await write();
    await edit('test.csv', (text) => text.split('\n').slice(0, -2).join('\n'));
    await expect(readSplit(folder)).rejects.toMatchObject({ details: { problem: 'SPLIT_FILES_DISAGREE' } });
  });

  test('nobody to train on, no such file, no such fold', async () => {
    await write();
    for (const part of PARTS) await rm(file(`${part}.csv`));
    await edit('master.csv', (text) => text.replaceAll(',train,', ',test,'));
    await expect(readSplit(folder)).rejects.toMatchObject({ code: 'SPLIT_FILE_UNREADABLE' });
    await expect(readSplit(file('no.csv'))).rejects.toMatchObject({ code: 'SPLIT_FILE_UNREADABLE' });
    await write();
    await expect(readSplit(folder, { fold: 0 })).rejects.toMatchObject({ code: 'SPLIT_NO_FOLD' });
  });
});

test('patients who are left out, and a dataset that has changed, are told but allowed', async () => {
  await write();
  const grown = { ...manifestOf(22), digest: 'sha256:2' };
  const series = [...grown.series, ...manifest.series.slice(20)];
  const warnings: string[] = [];
  await readSplit(folder, { manifest: { ...grown, series }, onWarning: (warning) => warnings.push(warning) });
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/2 of 22 patients/);
  expect(warnings[1]).toMatch(/dataset has changed/);
});

describe('folds', () => {
  test('hold every patient once, differ by one at most, also among patients with nodules, and do not depend on the order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.integer({ min: 2, max: 10 }),
        fc.integer(),
        (patients, folds, seed) => {
          const each = manifestOf(patients);
          const foldOf = foldsByPatient(each, { seed, folds });
          expect(foldOf.size).toBe(patients);
          const spread = (keep: (i: number) => boolean) => {
            const sizes = Array<number>(folds).fill(0);
            for (const [patient, fold] of foldOf) if (keep(Number(patient.slice(1)))) sizes[fold]!++;
            return Math.max(...sizes) - Math.min(...sizes);
          };
          expect(spread(() => true)).toBeLessThanOrEqual(1);
          expect(spread((i) => i % 3 > 0)).toBeLessThanOrEqual(1);
          const reversed = { series: each.series.toReversed(), candidates: each.candidates.toReversed() };
          expect([...foldsByPatient(reversed, { seed, folds })].sort()).toEqual([...foldOf].sort());
        },
      ),
    );
  });

  test('are each tested on once; with a fixed test part, each watches the training once', async () => {
    const foldOf = foldsByPatient(manifest, { seed: 1, folds: 5 });
    await writeSplitFolder(folder, manifest, partsOfFold(foldOf, [], 0), { foldOf, how: {} });
    const splits = await Promise.all([0, 1, 2, 3, 4].map((fold) => readSplit(folder, { fold, manifest })));
    expect(splits.flatMap(({ test }) => test).sort()).toEqual([...foldOf.keys()].sort());
    expect(splits[1]!.test).toEqual(splits[0]!.validation);

    const held = foldsByPatient(manifest, { seed: 1, folds: 4, holdout: whole.test });
    await writeSplitFolder(folder, manifest, partsOfFold(held, whole.test, 0), { foldOf: held, how: {} });
    const watched = await Promise.all([0, 1, 2, 3].map((fold) => readSplit(folder, { fold, manifest })));
    expect(watched.flatMap(({ validation }) => validation).sort()).toEqual([...held.keys()].sort());
    for (const { test } of watched) expect(test).toEqual(whole.test);
  });
});

describe('by subset', () => {
  test('fold i is subset i, and a patient of several subsets stands on the side that is tested on', () => {
    const { split, foldOf, moved } = splitBySubset(manifest, { test: 4, validation: 7 });
    expect(moved).toBe(2);
    expect(split.test).toEqual(['p003', 'p004', 'p014']);
    expect(split.validation).toEqual(['p007', 'p017']);
    expect(foldOf.get('p012')).toBe(2);
    expect(split.train).toHaveLength(15);
  });

  test('a subset that is not there, the same twice, and scans outside subsets are named', () => {
    const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;
    expect(() => splitBySubset(manifestOf(5), { test: 9, validation: 1 })).toThrow(code('SPLIT_BAD_SUBSET'));
    expect(() => splitBySubset(manifest, { test: 1, validation: 1 })).toThrow(code('SPLIT_BAD_SUBSET'));
    const flat = { series: manifest.series.map((entry) => ({ ...entry, file: `${entry.seriesUid}.mhd` })) };
    expect(() => splitBySubset(flat, { test: 1, validation: 2 })).toThrow(code('SPLIT_NO_SUBSETS'));
  });
});

test('strata from a table are held in each part', async () => {
  const many = manifestOf(60);
  const rows = many.series.map(({ seriesUid }, i) => `${seriesUid},${i % 2 ? 'north' : 'south'}`);
  await writeFile(file('series.csv'), ['seriesuid,site', ...rows].join('\n'));
  const strata = await readStrata(folder, many, ['site']);
  const split = splitByPatient(many, { seed: 3, fractions: { validation: 0.2, test: 0.2 }, strata });
  for (const part of PARTS) {
    const north = split[part].filter((patient) => strata.get(patient) === 'north').length;
    expect(Math.abs(2 * north - split[part].length)).toBeLessThanOrEqual(2);
  }
  await expect(readStrata(folder, many, ['scanner'])).rejects.toMatchObject({ code: 'SPLIT_NO_COLUMN' });
});
