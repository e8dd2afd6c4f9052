import { execFileSync } from 'node:child_process';
import {
  appendFile,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';
import {
  type CheckReport,
  type Volume,
  checkDataset,
  openLuna16,
  readVolume,
  renderCheckPage,
  writeMetaImage,
} from '../../datasets';
import { lungate, newHome } from '../e2e/lungate';
import { describeWithProgram, describeWithSharedData } from '../present';
import { type SmallDataset, scanFile, smallChest, writeSmallDataset } from './small-dataset';

let intact: SmallDataset;
let world: SmallDataset;
beforeAll(async () => {
  intact = await writeSmallDataset();
});
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'checked-'));
  await cp(intact.dir, dir, { recursive: true });
  world = { ...intact, dir };
});

const codes = ({ findings }: CheckReport) => [...new Set(findings.map(({ code }) => code))].sort();
const scan = (i: number) => scanFile(world.dir, world.uids, i);
const table = (name: string) => join(world.dir, name);

/** Replaces a scan by what `change` makes of it. */
async function spoil(i: number, change: (volume: Volume) => void): Promise<void> {
  const volume = smallChest(i);
  change(volume);
  await writeMetaImage(scan(i), volume);
}

const spoilValues = (change: (hu: number) => number) =>
  spoil(0, (volume) => {
    volume.hu = volume.hu.map(change);
  });

async function editHeader(i: number, change: (text: string) => string): Promise<void> {
  await writeFile(scan(i), change(await readFile(scan(i), 'utf8')));
}

async function editTable(name: string, change: (lines: string[]) => string[]): Promise<void> {
  await writeFile(table(name), change((await readFile(table(name), 'utf8')).split('\n')).join('\n'));
}

test('a dataset with nothing wrong has no finding, its counts are told, and it opens without another reading', async () => {
  const report = await checkDataset(world.dir);
  expect(report.findings).toEqual([]);
  expect(report.subsets).toEqual([
    { subset: 'subset0', scans: 1, patients: 1, candidates: 2, nodules: 1, annotations: 1 },
    { subset: 'subset1', scans: 2, patients: 1, candidates: 4, nodules: 2, annotations: 2 },
    { subset: 'subset2', scans: 1, patients: 1, candidates: 2, nodules: 1, annotations: 1 },
  ]);
  const kept = await readFile(table('lungate-manifest.json'), 'utf8');
  const { manifest } = await openLuna16(world.dir);
  for (const { inspection, seriesUid } of report.scans) {
    expect(manifest.series.find((each) => each.seriesUid === seriesUid)!.digest).toBe(inspection!.digest);
  }
  expect(await readFile(table('lungate-manifest.json'), 'utf8')).toBe(kept);
});

/** What a planted fault must be called: exactly these codes and no other. */
const faults: [what: string, codes: string[], plant: () => Promise<void>][] = [
  ['a data file that is cut short', ['SCAN_UNREADABLE'], () => truncate(scan(0).replace('.mhd', '.raw'), 1000)],
  ['a header without its data', ['SCAN_UNREADABLE'], () => rm(scan(1).replace('.mhd', '.raw'))],
  ['a header of nonsense', ['SCAN_UNREADABLE'], () => writeFile(scan(1), 'no header')],
  [
    'compressed voxels that are damaged',
    ['SCAN_UNREADABLE'],
    async () => {
      const file = scan(3).replace('.mhd', '.zraw');
      const bytes = await readFile(file);
      await writeFile(file, bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 50));
    },
  ],
  ['a data file without a header', ['STRAY_DATA', 'ROWS_FOR_ABSENT_SERIES'], () => rm(scan(0))],
  ['a file that a crash left', ['LEFT_OVER'], () => writeFile(table('subset0/x.raw.0a1b.tmp'), '')],
  [
    'the same scan under another name',
    ['DUPLICATE_SCAN', 'SERIES_WITHOUT_CANDIDATES', 'SERIES_WITHOUT_PATIENT'],
    async () => {
      await copyFile(scan(0).replace('.mhd', '.raw'), table('subset0/copy.raw'));
      await writeFile(table('subset0/copy.mhd'), (await readFile(scan(0), 'utf8')).replace(/= .*\.raw/, '= copy.raw'));
    },
  ],
  [
    'the same voxels at another place',
    ['DUPLICATE_SCAN', 'SERIES_WITHOUT_CANDIDATES', 'SERIES_WITHOUT_PATIENT'],
    async () => {
      await writeMetaImage(table('subset0/moved.mhd'), { ...smallChest(0), originXyz: [0, 0, 0] });
    },
  ],
  [
    'one UID in two subsets',
    ['DUPLICATE_UID'],
    () => writeMetaImage(table(`subset1/${basename(scan(0))}`), smallChest(9)),
  ],
  ['1024 added to all values', ['HU_SHIFTED'], () => spoilValues((value) => value + 1024)],
  ['1000 taken from all values', ['HU_SHIFTED'], () => spoilValues((value) => value - 1000)],
  ['the sign turned', ['HU_NEGATED'], () => spoilValues((value) => -value)],
  [
    'grey values of a picture',
    ['HU_NOT_HOUNSFIELD'],
    () => spoilValues((value) => Math.max(0, Math.min(255, (value + 1000) / 5))),
  ],
  ['no lung and no air', ['HU_IMPLAUSIBLE'], () => spoilValues((value) => (value < -500 ? 300 : value))],
  [
    'a value of no scanner',
    ['HU_RANGE'],
    () =>
      spoil(0, ({ hu }) => {
        hu[1000] = -32768;
      }),
  ],
  [
    'NaN among the voxels',
    ['VOXELS_NOT_FINITE'],
    () =>
      spoil(0, (volume) => {
        volume.hu = Float32Array.from(volume.hu);
        volume.hu[5] = Number.NaN;
      }),
  ],
  ['one value everywhere', ['SCAN_CONSTANT'], () => spoil(0, ({ hu }) => hu.fill(-1000))],
  ['slices without content', ['SLICES_CONSTANT'], () => spoil(0, ({ hu }) => hu.fill(-1000, 0, 30_000))],
  [
    'a spacing of 25 mm',
    ['SPACING_UNUSUAL'],
    () => editHeader(0, (text) => text.replace(/ElementSpacing = .*/, 'ElementSpacing = 1.5 1.5 25')),
  ],
  [
    'pixels that are not square',
    ['SPACING_UNUSUAL'],
    () => editHeader(0, (text) => text.replace(/ElementSpacing = .*/, 'ElementSpacing = 1.5 1.9 2.5')),
  ],
  [
    'a scan of 30 mm',
    ['EXTENT_UNUSUAL', 'CANDIDATE_OUTSIDE_SCAN'],
    () =>
      editHeader(0, (text) =>
        text
          .replace(/ElementSpacing = .*/, 'ElementSpacing = 0.3 0.3 2.5')
          .replace(/Offset = .*/, 'Offset = -40 -150 -200'),
      ),
  ],
  [
    'axes that are turned',
    ['DIRECTION_OBLIQUE'],
    () =>
      editHeader(0, (text) =>
        text
          .replace(/TransformMatrix = .*/, 'TransformMatrix = 0 1 0 -1 0 0 0 0 1')
          .replace(/Offset = .*/, 'Offset = 75 -215 -200'),
      ),
  ],
  [
    'a mirrored axis',
    ['LEFT_HANDED'],
    () =>
      editHeader(0, (text) =>
        text
          .replace(/TransformMatrix = .*/, 'TransformMatrix = -1 0 0 0 1 0 0 0 1')
          .replace(/Offset = .*/, 'Offset = 74 -215 -200'),
      ),
  ],
  [
    'axes that are not at right angles',
    ['DIRECTION_NOT_ORTHONORMAL'],
    () => editHeader(0, (text) => text.replace(/TransformMatrix = .*/, 'TransformMatrix = 1 0 0 0.1 1 0 0 0 1')),
  ],
  [
    'a candidate outside its scan',
    ['CANDIDATE_OUTSIDE_SCAN'],
    () => appendFile(table('candidates_V2.csv'), `${world.uids[1]!},500,0,0,0\n`),
  ],
  [
    'an annotation outside its scan',
    ['ANNOTATION_OUTSIDE_SCAN', 'ANNOTATION_WITHOUT_CANDIDATE'],
    () => appendFile(table('annotations.csv'), `${world.uids[1]!},500,0,0,5\n`),
  ],
  [
    'a nodule that nobody annotated',
    ['NODULE_WITHOUT_ANNOTATION'],
    () => appendFile(table('candidates_V2.csv'), `${world.uids[1]!},20,-140,-150,1\n`),
  ],
  [
    'a non-nodule in an annotation',
    ['NON_NODULE_IN_ANNOTATION'],
    () => appendFile(table('candidates_V2.csv'), `${world.uids[1]!},-29,-140,-150,0\n`),
  ],
  [
    'an annotation that no candidate is of',
    ['ANNOTATION_WITHOUT_CANDIDATE'],
    () => appendFile(table('annotations.csv'), `${world.uids[1]!},20,-140,-150,5\n`),
  ],
  [
    'a diameter of 200 mm',
    ['DIAMETER_UNUSUAL', 'NON_NODULE_IN_ANNOTATION'],
    () =>
      editTable('annotations.csv', (lines) => lines.map((line, i) => (i === 1 ? line.replace(/,8$/, ',200') : line))),
  ],
  [
    'a candidate that stands twice',
    ['DUPLICATE_CANDIDATE'],
    () => editTable('candidates_V2.csv', (lines) => [...lines.slice(0, -1), lines[1]!, '']),
  ],
  [
    'an annotation that stands twice',
    ['DUPLICATE_ANNOTATION'],
    () => editTable('annotations.csv', (lines) => [...lines.slice(0, -1), lines[1]!, '']),
  ],
  [
    'one place as nodule and as non-nodule',
    ['CANDIDATE_CONTRADICTED', 'NON_NODULE_IN_ANNOTATION'],
    () => appendFile(table('candidates_V2.csv'), `${world.uids[0]!},-30,-140,-150,0\n`),
  ],
  [
    'rows of a scan that is not here',
    ['ROWS_FOR_ABSENT_SERIES'],
    () => appendFile(table('candidates_V2.csv'), '9.9.9,1,1,1,0\n9.9.8,1,1,1,1\n'),
  ],
  [
    'a scan without candidates',
    ['ANNOTATION_WITHOUT_CANDIDATE', 'SERIES_WITHOUT_CANDIDATES'],
    () => editTable('candidates_V2.csv', (lines) => lines.filter((line) => !line.startsWith(world.uids[0]!))),
  ],
  [
    'no nodule at all',
    ['ANNOTATION_WITHOUT_CANDIDATE', 'NO_NODULES'],
    () => editTable('candidates_V2.csv', (lines) => lines.filter((line) => !line.endsWith(',1'))),
  ],
  [
    'no candidates file',
    ['ANNOTATION_WITHOUT_CANDIDATE', 'SERIES_WITHOUT_CANDIDATES', 'TABLE_MISSING'],
    () => rm(table('candidates_V2.csv')),
  ],
  [
    'a column of another name',
    ['NODULE_WITHOUT_ANNOTATION', 'TABLE_UNREADABLE'],
    () => editTable('annotations.csv', ([head, ...lines]) => [head!.replace('diameter_mm', 'size'), ...lines]),
  ],
  [
    'a scan whose patient is not told',
    ['SERIES_WITHOUT_PATIENT'],
    () => editTable('patients.csv', (lines) => lines.filter((line) => !line.endsWith('cem'))),
  ],
  ['two patients of one scan', ['TWO_PATIENTS'], () => appendFile(table('patients.csv'), `${world.uids[0]!},dan\n`)],
  ['no table of patients', ['NO_PATIENTS_TABLE'], () => rm(table('patients.csv'))],
  [
    'a patient in two subsets',
    ['PATIENT_IN_TWO_SUBSETS'],
    () => editTable('patients.csv', (lines) => lines.map((line) => line.replace('cem', 'ann'))),
  ],
  ['the mark of the phantom', ['SYNTHETIC'], () => writeFile(table('PHANTOM.json'), '{}')],
];

test.each(faults)('%s is found, and nothing else', async (_what, expected, plant) => {
  await plant();
  expect(codes(await checkDataset(world.dir))).toEqual([...expected].sort());
});

test('every bad row of every table is told, with file, line, column and what is there', async () => {
  await appendFile(table('candidates_V2.csv'), '1.2,a,1,1,0\n1.2,1,1,1,2\n');
  await appendFile(table('annotations.csv'), '1.2,1,1,1,-3\n');
  const { findings } = await checkDataset(world.dir);
  const bad = findings
    .filter(({ code }) => code === 'BAD_ROW')
    .map(({ file, line, column, message }) => [file, line, column, message]);
  expect(bad).toEqual([
    ['annotations.csv', 6, 'diameter_mm', 'a number above 0 expected, found `-3`'],
    ['candidates_V2.csv', 10, 'coordX', 'a number expected, found `a`'],
    ['candidates_V2.csv', 11, 'class', '0 or 1 expected, found `2`'],
  ]);
});

describe('a split', () => {
  let split: string;
  const write = (rows: string[]) => writeFile(split, ['seriesuid,patient_id,part,fold', ...rows, ''].join('\n'));
  const good = () =>
    world.uids.map(
      (uid, i) => `${uid},${['ann', 'bob', 'bob', 'cem'][i]!},${['train', 'validation', 'validation', 'test'][i]!},`,
    );
  beforeEach(async () => {
    split = join(await mkdtemp(join(tmpdir(), 'split-')), 'master.csv');
    await write(good());
  });
  const check = async () => codes(await checkDataset(world.dir, { split }));

  test('that keeps patients apart is fine, and the report knows the side of each scan', async () => {
    const report = await checkDataset(world.dir, { split });
    expect(codes(report)).toEqual([]);
    expect(report.scans.map(({ part }) => part)).toEqual(['train', 'validation', 'validation', 'test']);
  });

  test('with a patient on two sides leaks', async () => {
    await write(good().map((row, i) => (i === 2 ? row.replace('validation', 'train') : row)));
    expect(await check()).toEqual(['SPLIT_LEAK']);
  });

  test('with one scan, called by two names, on two sides leaks', async () => {
    await writeMetaImage(scan(3), smallChest(0));
    expect(await check()).toEqual(['DUPLICATE_SCAN', 'SPLIT_LEAK']);
  });

  test('that lacks a patient is incomplete, and one with an unknown scan cannot be used', async () => {
    await write(good().slice(0, 3));
    expect(await check()).toEqual(['SPLIT_INCOMPLETE']);
    await write([...good(), '7.7,dan,test,']);
    expect(await check()).toEqual(['SPLIT_UNREADABLE']);
  });

  test('as JSON is held against the scans too', async () => {
    split = split.replace('.csv', '.json');
    await writeFile(split, JSON.stringify({ train: ['ann'], validation: ['bob'], test: ['ann'] }));
    expect(await check()).toEqual(['SPLIT_LEAK']);
  });
});

describe('a second check', () => {
  test('reads only what has changed', async () => {
    const file = scan(0).replace('.mhd', '.raw');
    const time = new Date(2020, 1, 1);
    await utimes(file, time, time);
    await checkDataset(world.dir);
    await writeFile(file, Buffer.alloc((await stat(file)).size));
    await utimes(file, time, time);
    expect(codes(await checkDataset(world.dir))).toEqual([]);
    await utimes(file, new Date(), new Date());
    expect(codes(await checkDataset(world.dir))).toEqual(['SCAN_CONSTANT']);
  });

  test('goes on where an interrupted one stopped', async () => {
    const interrupt = new AbortController();
    const stopped = checkDataset(world.dir, {
      signal: interrupt.signal,
      onProgress: (done) => {
        if (done > 0) interrupt.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CHECK_INTERRUPTED' });
    let first: number | undefined;
    await checkDataset(world.dir, { onProgress: (done) => (first ??= done) });
    expect(first).toBeGreaterThan(0);
  });

  test('is not misled by a damaged file of what the first one found', async () => {
    await checkDataset(world.dir);
    await writeFile(table('lungate-check.json.gz'), 'x');
    expect(codes(await checkDataset(world.dir))).toEqual([]);
  });
});

describe('the command', () => {
  test('ends with 0 without errors and with 1 with one, and tells what, where and how many', async () => {
    const home = await newHome();
    expect(await lungate(home, 'data', 'check', world.dir)).toMatchObject({ code: 0 });
    await truncate(scan(0).replace('.mhd', '.raw'), 1000);
    const { code, stdout } = await lungate(home, 'data', 'check', world.dir);
    expect(code).toBe(1);
    expect(stdout).toMatch(/subset1 +2 +1 +4 +2 +2/);
    expect(stdout).toMatch(/error SCAN_UNREADABLE × 1/);
    expect(stdout).toMatch(/subset0\/1\.2\.826\.0\.mhd: METAIMAGE_TRUNCATED/);
    expect(stdout).toMatch(/1 errors, 0 warnings, 0 notes/);
  });

  test('writes JSON for machines and a page for people', async () => {
    const page = join(world.dir, '..', `${basename(world.dir)}.html`);
    const { code, stdout } = await lungate(await newHome(), 'data', 'check', world.dir, '--json', '--html', page);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as CheckReport;
    expect(report.counts).toEqual({ error: 0, warning: 0, note: 0 });
    expect(report.scans).toHaveLength(4);
    expect((await readFile(page, 'utf8')).match(/data:image\/png/g)).toHaveLength(4);
  });

  test('names a folder that is not there', async () => {
    const { code, stderr } = await lungate(await newHome(), 'data', 'check', '/nowhere');
    expect(code).toBe(1);
    expect(stderr).toMatch(/CHECK_NO_FOLDER/);
  });
});

describeWithProgram('chromium', 'the page in a browser', () => {
  test('shows a slice of each scan, sorts and filters, without an error or a request', async () => {
    await truncate(scan(0).replace('.mhd', '.raw'), 1000);
    await appendFile(table('candidates_V2.csv'), `${world.uids[1]!},500,0,0,0\n<script>alert(1)</script>,0,0,0,0\n`);
    const file = join(world.dir, 'check.html');
    await writeFile(file, renderCheckPage(await checkDataset(world.dir)));
    const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith('data:')) said.push(request.url());
      });
      await page.goto(`file://${file}`);
      const visible = () => page.locator('#scans tbody tr:visible td:nth-child(2)').allTextContents();
      const first = `subset0/${world.uids[0]!}.mhd`;
      expect(await visible()).toHaveLength(4);
      expect(await page.locator('.verdict').textContent()).toMatch(/2 errors/);
      const widths = await page
        .locator('#scans img')
        .evaluateAll((images) => images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth));
      expect(widths).toEqual([128, 128, 128]);
      await page.locator('th', { hasText: 'findings' }).click();
      expect((await visible())[0]).toBe(first);
      await page.locator('th', { hasText: 'spacing' }).click();
      await page.locator('th', { hasText: 'spacing' }).click();
      expect((await visible())[0]).toBe(first);
      await page.locator('#filter').fill('outside_scan');
      expect(await visible()).toEqual([`subset1/${world.uids[1]!}.mhd`]);
      await page.locator('#filter').fill('');
      await page.locator('#severity').selectOption('error');
      expect(await visible()).toHaveLength(2);
      expect(said.filter((line) => !line.endsWith('check.html'))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describeWithSharedData('a real chest CT', (dataDir) => {
  test('has the values, spacing and extent of a chest CT, and shows them when its values are shifted', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'real-'));
    await mkdir(join(dir, 'subset0'));
    const ct = await readVolume(join(dataDir, 'ct-lung-dicom.zip'));
    await writeMetaImage(join(dir, 'subset0', 'real.mhd'), ct);
    await writeMetaImage(join(dir, 'subset0', 'shifted.mhd'), {
      ...ct,
      hu: ct.hu.map((value) => value + 1024),
    });
    await writeFile(join(dir, 'candidates_V2.csv'), 'seriesuid,coordX,coordY,coordZ,class\n');
    await writeFile(join(dir, 'annotations.csv'), 'seriesuid,coordX,coordY,coordZ,diameter_mm\n');
    const { findings } = await checkDataset(dir);
    const about = (uid: string) =>
      findings.filter(({ seriesUid, severity }) => seriesUid === uid && severity !== 'note');
    expect(about('real')).toEqual([]);
    expect(about('shifted').map(({ code }) => code)).toEqual(['HU_SHIFTED']);
    expect(await readdir(dir)).toContain('lungate-check.json.gz');
  });
});
