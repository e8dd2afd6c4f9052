import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseTrainingConfig } from './config';

const configs = join(__dirname, '..', '..', 'configs');
const read = (group: string, option: string): unknown =>
  parse(readFileSync(join(configs, group, `${option}.yaml`), 'utf8'));
const defaults = {
  registered_model_name: 'nodule-classifier',
  patch: read('patch', 'voxel'),
  model: read('model', 'luna'),
  optimizer: read('optimizer', 'adamw'),
  trainer: read('trainer', 'default'),
  sampler: read('sampler', 'balanced'),
  engine: read('engine', 'onnx'),
  augmentation: null,
  seed: 1,
  threads: null,
};

describe.each(['patch', 'model', 'optimizer', 'trainer', 'sampler', 'engine'])('configs/%s', (group) => {
  const options = readdirSync(join(configs, group)).map((file) => file.replace(/\.yaml$/, ''));
  test.each(options)('%s is a valid option', (option) => {
    expect(() => parseTrainingConfig({ ...defaults, [group]: read(group, option) })).not.toThrow();
  });
});

test('padding that the clip would change is refused', () => {
  const config = { ...defaults, patch: { ...(defaults.patch as object), padding: -1024 } };
  expect(() => parseTrainingConfig(config)).toThrow(/patch\.padding: must lie within clip/);
});

test('every wrong key is named at once', () => {
  const config = { ...defaults, seed: -1, trainer: { ...(defaults.trainer as object), batch_size: 0 } };
  expect(() => parseTrainingConfig(config)).toThrow(/trainer\.batch_size.*seed/);
});
