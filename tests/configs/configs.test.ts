import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfig, compose } from 'hydra-compose';
import { lungateConfigSchema } from '../../ci/config';
import { repoRoot } from '../present';

const configDir = join(repoRoot, 'configs');
/** What an option asks of its user. */
const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000' };
const given: Record<string, string[]> = {
  'dataset=luna16': ['dataset.dir=/data/luna16'],
  'dataset=nifti-csv': ['dataset.dir=/data/liver'],
  'experiment=luna': ['dataset.dir=/data/luna16', 'suite.file=suite.yaml'],
};

function load(overrides: string[], environment = {}) {
  return checkConfig(lungateConfigSchema, compose({ configDir, overrides, env: environment }).config);
}

// Suites and policies are read by the gate, which takes them whole.
const groups = readdirSync(configDir, { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && !['suite', 'gate'].includes(entry.name),
);
const options = groups.flatMap(({ name }) =>
  readdirSync(join(configDir, name)).map((file) => `${name}=${file.replace('.yaml', '')}`),
);

test.each(options)('%s gives a config that every part can read', (option) => {
  expect(() => load([option, ...(given[option] ?? [])], env)).not.toThrow();
});

test('without a word everything runs on this machine, under .lungate', () => {
  const { root, dataset, tracking, deploy } = load([]);
  expect(root).toBe('.lungate');
  expect(dataset).toEqual({
    name: 'phantom',
    dir: '.lungate/data/phantom-20-42',
    scans: 20,
    seed: 42,
    difficulty: 0.5,
  });
  expect(tracking.uri).toBeNull();
  expect(deploy.host).toBe('127.0.0.1');
});

test('LUNGATE_HOME moves everything, MLFLOW_TRACKING_URI the runs', () => {
  const { root, dataset, tracking } = load([], { ...env, LUNGATE_HOME: '/scratch/me' });
  expect(root).toBe('/scratch/me');
  expect(dataset.dir).toBe('/scratch/me/data/phantom-20-42');
  expect(tracking.uri).toBe(env.MLFLOW_TRACKING_URI);
});

test('a phantom of another size or seed has a folder of its own', () => {
  expect(load(['dataset.scans=4', 'dataset.seed=1']).dataset.dir).toBe('.lungate/data/phantom-4-1');
});

test('LUNA16 asks where it is', () => {
  expect(() => load(['experiment=luna'])).toThrow('these values must be given: dataset.dir, suite.file');
});

test('an experiment can still be overridden', () => {
  const { trainer, augmentation } = load(['experiment=demo', 'trainer.max_epochs=1', 'augmentation=none']);
  expect(trainer.max_epochs).toBe(1);
  expect(augmentation).toBeNull();
});
