import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodedError } from 'coded-error';
import type { PatientRef } from 'model-bundle';
import { seededRandom } from 'seeded-random';
import {
  IDENTITY_DIRECTION,
  holdoutDigest,
  openDataset,
  openLuna16,
  patientRefs,
  writeMetaImage,
  writeVolume,
  type DatasetManifest,
  type Volume,
} from '../../../datasets';
import { assertNoLeak } from '.';

const SIZE = [6, 20, 24] as const;
let dir: string;
let holdout: DatasetManifest;
let original: Volume;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leak-'));
  holdout = (await openLuna16(await lunaFolder('holdout', scanOf('held out'), 'anna'))).manifest;
  original = scanOf('held out');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function scanOf(seed: string): Volume {
  const random = seededRandom(seed);
  const hu = new Int16Array(SIZE[0] * SIZE[1] * SIZE[2]).map(() => -500 + 250 * random.normal());
  return { hu, size: SIZE, spacingXyz: [0.7, 0.7, 1.25], originXyz: [-8, -7, -30], direction: IDENTITY_DIRECTION };
}

async function lunaFolder(name: string, scan: Volume, patient: string, file = `1.2.${name}.mhd`): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder, { recursive: true });
  await writeMetaImage(join(folder, file), scan);
  const uid = file.replace(/\.mh[ad]$/, '');
  await writeFile(join(folder, 'candidates_V2.csv'), `seriesuid,coordX,coordY,coordZ,class\n${uid},-2,-2,-28,1\n`);
  await writeFile(join(folder, 'annotations.csv'), 'seriesuid,coordX,coordY,coordZ,diameter_mm\n');
  await writeFile(join(folder, 'patients.csv'), `seriesuid,patient_id\n${uid},${patient}\n`);
  return folder;
}

async function niftiFolder(name: string, scan: Volume): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder, { recursive: true });
  await writeVolume(join(folder, 'scan.nii.gz'), scan);
  await writeFile(join(folder, 'labels.csv'), 'file,patient_id,i,j,k,label\nscan.nii.gz,another,3,3,3,nodule\n');
  await writeFile(join(folder, 'dataset.yaml'), 'name: copies\nlabels: [none, nodule]\ncoordinates: voxel\n');
  return folder;
}

/** What the lineage of a model says that was trained on all of a dataset. */
const trainedOn = (manifest: DatasetManifest): PatientRef[] =>
  patientRefs(manifest, [...new Set(manifest.series.map(({ patientId }) => patientId))]);

function refusalOf(train: readonly PatientRef[], manifest = holdout): CodedError | undefined {
  try {
    assertNoLeak({ train, validation: [] }, ['anna'], manifest);
    return undefined;
  } catch (error) {
    return error as CodedError;
  }
}

const floats = () => ({ ...original, hu: Float32Array.from(original.hu, (hu) => hu + 0.001) });
const flipped = () => ({ ...original, hu: original.hu.slice().reverse() });

test.each<[string, () => Promise<DatasetManifest>]>([
  ['copied under another name', async () => (await openLuna16(await lunaFolder('copy', original, 'bert'))).manifest],
  [
    'saved at another place in the world',
    async () => (await openLuna16(await lunaFolder('moved', { ...original, originXyz: [0, 0, 0] }, 'bert'))).manifest,
  ],
  ['saved as float32', async () => (await openLuna16(await lunaFolder('typed', floats(), 'bert'))).manifest],
  [
    'saved packed',
    async () => (await openLuna16(await lunaFolder('packed', original, 'bert', '1.2.packed.mha'))).manifest,
  ],
  ['flipped on all axes', async () => (await openLuna16(await lunaFolder('flipped', flipped(), 'bert'))).manifest],
  [
    'converted to NIfTI',
    async () => (await openDataset({ name: 'nifti-csv', dir: await niftiFolder('nifti', original) })).manifest,
  ],
])('a scan of the holdout is found in training when it was %s, of a patient under another name', async (_, open) => {
  const error = refusalOf(trainedOn(await open()));
  expect(error).toMatchObject({ code: 'VALIDATION_LEAK' });
  expect(error!.message).toContain(holdout.series[0]!.digest);
  expect(error!.message).not.toMatch(/anna|bert/);
});

test('other scans are no leak, though they were made alike', async () => {
  const { manifest } = await openLuna16(await lunaFolder('other', scanOf('another'), 'bert'));
  expect(refusalOf(trainedOn(manifest))).toBeUndefined();
});

test('another scan of the same patient is a leak', async () => {
  const { manifest } = await openLuna16(await lunaFolder('again', scanOf('follow-up'), 'anna'));
  expect(refusalOf(trainedOn(manifest))).toMatchObject({ code: 'VALIDATION_LEAK' });
});

test('a bundle from before fingerprints is held against those of the series that the dataset still has', async () => {
  const { manifest } = await openLuna16(await lunaFolder('older', { ...original, originXyz: [1, 1, 1] }, 'bert'));
  const older = trainedOn(manifest).map(({ patient, series }) => ({ patient, series }));
  const both = { ...holdout, series: [...holdout.series, ...manifest.series] };
  expect(refusalOf(older)).toBeUndefined();
  expect(refusalOf(older, both)).toMatchObject({ code: 'VALIDATION_LEAK' });
});

test('the digest of a holdout does not hold fingerprints, so that suites that were frozen before them stay good', () => {
  const plain = { ...holdout, series: holdout.series.map((series) => ({ ...series, fingerprint: undefined })) };
  expect(holdoutDigest(plain as unknown as DatasetManifest, ['anna'])).toBe(holdoutDigest(holdout, ['anna']));
});
