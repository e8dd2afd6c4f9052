import { openAsBlob } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from 'model-bundle';
import { type Candidate, openDataset, type SeriesEntry, type Volume, writeVolume } from '../../datasets';
import { repoRoot } from '../present';
import { lungate, newHome } from './lungate';
import { writeLesionDataset } from './lesions';

jest.setTimeout(5 * 60_000);

const SUITE = join(repoRoot, 'configs/suite/nodule-classifier.yaml');

let home: string;
let dir: string;
beforeAll(async () => {
  home = await newHome();
  dir = join(home, 'liver');
  await writeLesionDataset(dir);
});
afterAll(async () => {
  await lungate(home, 'stop', 'registered_model_name=calcification-classifier');
  await rm(home, { recursive: true, force: true });
});

test('a task of its own, in NIfTI, goes from a frozen suite to a served model by config alone', async () => {
  const suite = join(home, 'suite.yaml');
  const task = [
    'dataset=nifti-csv',
    `dataset.dir=${dir}`,
    'registered_model_name=calcification-classifier',
    'patch=isotropic',
    'patch.size=[8,16,16]',
    'patch.clip=[-200,800]',
    'patch.padding=-200',
    'patch.resample_mm=1.25',
    'model=luna-small',
    'trainer=demo',
    'trainer.monitor=val_loss',
    'augmentation=none',
    'optimizer.lr=0.02',
    'deploy.port=0',
  ];
  expect(await lungate(home, 'suite', 'freeze', SUITE, suite, ...task, '--fraction', '0.4')).toMatchObject({ code: 0 });
  const ran = await lungate(home, 'pipeline', 'run', ...task, `suite.file=${suite}`, '--detach');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toMatch(/^model +calcification-classifier@1\.0\.0/m);
  expect(ran.stderr).toMatch(/a held-out calcified: calcification-classifier@1\.0\.0 says calcified/);

  const [run = ''] = await readdir(join(home, 'runs'));
  const { signature } = await readBundle(join(home, 'runs', run, 'bundle'));
  const preprocessing = { patchSize: [8, 16, 16], unit: 'HU', clip: [-200, 800], padding: -200, resampleMm: 1.25 };
  expect(signature).toMatchObject({
    name: 'calcification-classifier',
    labels: ['soft', 'calcified'],
    positiveLabel: 'calcified',
    inputs: [{ shape: [-1, 1, 8, 16, 16] }],
    preprocessing,
  });

  const url = /^endpoint +(\S+)$/m.exec(ran.stdout)![1]!;
  const { manifest, volume } = await openDataset({ name: 'nifti-csv', dir });
  const [{ seriesUid }] = manifest.series as [SeriesEntry];
  const asked = manifest.candidates.filter((candidate) => candidate.seriesUid === seriesUid);
  const answer = await classify(url, await volume(seriesUid), asked);
  expect(answer.preprocessing).toEqual(preprocessing);
  expect(answer.candidates.map(({ label }) => label)).toEqual(asked.map(({ label }) => manifest.labels[label]));
});

async function classify(url: string, scan: Volume, candidates: readonly Candidate[]) {
  const file = join(home, 'scan.mha');
  await writeVolume(file, scan);
  const form = new FormData();
  form.set('volume', await openAsBlob(file), 'scan.mha');
  form.set('candidates', JSON.stringify(candidates.map(({ xyz }) => ({ xyz }))));
  const reply = await fetch(`${url}/v1/classify`, { method: 'POST', body: form });
  return (await reply.json()) as { preprocessing: object; candidates: { label: string }[] };
}
