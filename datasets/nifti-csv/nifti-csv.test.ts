import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset, openDatasetFolder } from '../catalog';
import { writeVolume } from '../formats';
import { type Volume, ircToXyz } from '../volume';

const scan = (shade: number): Volume => ({
  hu: Int16Array.from({ length: 6 * 8 * 10 }, (_, i) => shade + i),
  size: [6, 8, 10],
  spacingXyz: [0.75, 0.5, 2],
  originXyz: [10, 20, -30],
  direction: [-1, 0, 0, 0, -1, 0, 0, 0, 1],
});
const YAML = 'name: made\nlabels: [soft, calcified]\ncoordinates: voxel\n';
const CSV = `file,patient_id,i,j,k,label,diameter_mm
a.nii.gz,anna,1,2,3,calcified,5
a.nii.gz,anna,4,5,0,soft,
b.mha,bert,9,7,5,0,
`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nifti-csv-'));
  await writeVolume(join(dir, 'a.nii.gz'), scan(1));
  await writeVolume(join(dir, 'b.mha'), scan(2));
  await writeFile(join(dir, 'dataset.yaml'), YAML);
  await writeFile(join(dir, 'labels.csv'), CSV);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = () => openDataset({ name: 'nifti-csv', dir });

test('scans of several formats and one table are a dataset, with the class names and patients that they tell', async () => {
  const { manifest, volume } = await open();
  expect(manifest).toMatchObject({ name: 'made', labels: ['soft', 'calcified'], synthetic: false });
  expect(manifest.series.map(({ seriesUid, patientId, size }) => [seriesUid, patientId, size])).toEqual([
    ['a.nii.gz', 'anna', [6, 8, 10]],
    ['b.mha', 'bert', [6, 8, 10]],
  ]);
  expect(manifest.candidates.map(({ label, diameterMm }) => [label, diameterMm])).toEqual([
    [1, 5],
    [0, null],
    [0, null],
  ]);
  expect(manifest.annotations).toMatchObject([{ seriesUid: 'a.nii.gz', diameterMm: 5, malignancy: null }]);
  expect((await volume('a.nii.gz')).hu).toEqual(scan(1).hu);
  await expect(volume('c.nii')).rejects.toMatchObject({ code: 'NIFTI_CSV_UNKNOWN_SERIES' });
});

test('voxels, LPS and RAS millimetres name the same places', async () => {
  const places = async () => (await open()).manifest.candidates.map(({ xyz }) => xyz);
  const expected = [
    [3, 2, 1],
    [0, 5, 4],
    [5, 7, 9],
  ].map((irc) => ircToXyz(irc as [number, number, number], scan(0)));
  expect(await places()).toEqual(expected);
  for (const [coordinates, sign] of [
    ['lps', 1],
    ['ras', -1],
  ] as const) {
    await writeFile(join(dir, 'dataset.yaml'), YAML.replace('voxel', coordinates));
    const files = ['a.nii.gz', 'a.nii.gz', 'b.mha'];
    const rows = expected.map(([x, y, z], i) => `${files[i]!},${sign * x},${sign * y},${z},soft`);
    await writeFile(join(dir, 'labels.csv'), ['file,x,y,z,label', ...rows].join('\n'));
    expect(await places()).toEqual(expected);
  }
});

test('without patients each scan is its own', async () => {
  await writeFile(join(dir, 'labels.csv'), 'file,i,j,k,label\na.nii.gz,1,2,3,soft\nb.mha,1,2,3,calcified\n');
  expect((await open()).manifest.series.map(({ patientId }) => patientId)).toEqual(['a.nii.gz', 'b.mha']);
});

test('digests are kept while the files stay, and made anew for a changed one', async () => {
  const { manifest } = await open();
  const cache = join(dir, 'lungate-manifest.json');
  const planted = `sha256:${'0'.repeat(64)}`;
  await writeFile(cache, (await readFile(cache, 'utf8')).replace(manifest.series[0]!.digest, planted));
  expect((await open()).manifest.series[0]!.digest).toBe(planted);
  await utimes(join(dir, 'a.nii.gz'), 1, 1);
  expect((await open()).manifest.digest).toBe(manifest.digest);
  await writeVolume(join(dir, 'a.nii.gz'), scan(3));
  expect((await open()).manifest.digest).not.toBe(manifest.digest);
});

test('a scan keeps its digest in another format', async () => {
  const before = (await open()).manifest;
  await writeVolume(join(dir, 'a.nrrd'), scan(1));
  await writeFile(join(dir, 'labels.csv'), CSV.replaceAll('a.nii.gz', 'a.nrrd'));
  expect((await open()).manifest.series[0]!.digest).toBe(before.series[0]!.digest);
});

test('a folder is opened as what it holds', async () => {
  expect((await openDatasetFolder(dir)).manifest.name).toBe('made');
  await rm(join(dir, 'dataset.yaml'));
  await expect(openDatasetFolder(dir)).rejects.toMatchObject({ code: 'CSV_FILE_MISSING' });
});

test('a kind that there is not names those that there are', async () => {
  await expect(openDataset({ name: 'lidc', dir } as never)).rejects.toMatchObject({
    code: 'DATASET_CONFIG_INVALID',
    hint: expect.stringContaining('phantom, luna16, nifti-csv') as string,
  });
});

describe('a bad dataset is named', () => {
  const table = (from: string, to: string) => () => writeFile(join(dir, 'labels.csv'), CSV.replace(from, to));
  test.each<[string, string, object, () => Promise<unknown>]>([
    ['no description', 'NIFTI_CSV_NO_DESCRIPTION', {}, () => rm(join(dir, 'dataset.yaml'))],
    [
      'one class',
      'NIFTI_CSV_BAD_DESCRIPTION',
      {},
      () => writeFile(join(dir, 'dataset.yaml'), 'name: a\nlabels: [b]\n'),
    ],
    ['no YAML', 'NIFTI_CSV_BAD_DESCRIPTION', {}, () => writeFile(join(dir, 'dataset.yaml'), 'name: [')],
    ['no table', 'CSV_FILE_MISSING', {}, () => rm(join(dir, 'labels.csv'))],
    ['an empty table', 'NIFTI_CSV_NO_ROWS', {}, () => writeFile(join(dir, 'labels.csv'), CSV.split('\n')[0]!)],
    ['an unknown class', 'CSV_BAD_ROW', { line: 3, column: 'label' }, table('soft', 'hard')],
    ['a place that is no number', 'CSV_BAD_ROW', { line: 2, column: 'j' }, table('1,2,3', '1,two,3')],
    ['a scan that is not there', 'NIFTI_CSV_SCAN_MISSING', { line: 4, scan: 'c.mha' }, table('b.mha', 'c.mha')],
    ['a scan elsewhere', 'NIFTI_CSV_SCAN_OUTSIDE', { line: 4 }, table('b.mha', '../b.mha')],
    ['a scan of two patients', 'NIFTI_CSV_TWO_PATIENTS', { line: 3 }, table('anna,4', 'olga,4')],
    ['a place outside its scan', 'NIFTI_CSV_PLACE_OUTSIDE', { line: 4, scan: 'b.mha' }, table('9,7,5', '10,7,5')],
    ['a scan twice', 'NIFTI_CSV_DUPLICATE_SCAN', {}, () => writeVolume(join(dir, 'b.mha'), scan(1))],
    ['a damaged scan', 'METAIMAGE_NOT_A_HEADER', {}, () => writeFile(join(dir, 'b.mha'), Buffer.alloc(10))],
  ])('%s: %s', async (_name, code, details, spoil) => {
    await spoil();
    await expect(open()).rejects.toMatchObject({ code, details });
  });
});
