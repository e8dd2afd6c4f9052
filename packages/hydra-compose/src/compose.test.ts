import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isCodedError } from 'coded-error';
import { compose } from './compose';

let configDir: string;
beforeEach(() => {
  configDir = mkdtempSync(join(tmpdir(), 'compose-'));
});
afterEach(() => {
  rmSync(configDir, { recursive: true });
});

const FILES = {
  'config.yaml': 'defaults:\n  - model: luna\n  - trainer: default\n  - _self_\nseed: 42\n',
  'model/luna.yaml': 'name: luna\n',
  'model/tiny.yaml': 'name: tiny\n',
  'trainer/default.yaml': 'max_epochs: 10\nlimits: { patience: 3 }\n',
};

function composed(files: Record<string, string>, overrides: string[] = [], env = {}): unknown {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(configDir, name)), { recursive: true });
    writeFileSync(join(configDir, name), text);
  }
  return compose({ configDir, overrides, env }).config;
}

function refusal(files: Record<string, string>, overrides: string[] = [], env = {}): string {
  try {
    composed(files, overrides, env);
  } catch (error) {
    if (isCodedError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it was not refused');
}

test('names the nearest option, and in the hint all of them', () => {
  expect(refusal(FILES, ['model=lunna'])).toBe(
    "CONFIG_OPTION_UNKNOWN: group 'model' has no option 'lunna' (did you mean 'luna'?) (asked for by model=lunna)",
  );
});

test('names the nearest key, wherever in the tree it is', () => {
  expect(refusal(FILES, ['trainer.max_epoch=3'])).toContain("(did you mean 'trainer.max_epochs'?)");
  expect(refusal(FILES, ['patience=3'])).toContain("(did you mean 'trainer.limits.patience'?)");
  expect(refusal(FILES, ['trainr.max_epochs=3'])).toContain("(did you mean 'trainer'?)");
  expect(refusal(FILES, ['zebra=3'])).toBe("CONFIG_KEY_UNKNOWN: 'zebra=3': the config has no key 'zebra'");
});

test('names the nearest group', () => {
  expect(refusal(FILES, ['modle@x=luna'])).toBe(
    "CONFIG_GROUP_UNKNOWN: 'modle@x=luna': there is no config group 'modle' (did you mean 'model'?)",
  );
});

test('asks for the option of a group that has none chosen', () => {
  const files = { ...FILES, 'config.yaml': 'defaults:\n  - model: ???\n' };
  expect(refusal(files)).toBe("CONFIG_OPTION_REQUIRED: an option of group 'model' must be chosen");
  expect(composed(files, ['model=tiny'])).toEqual({ model: { name: 'tiny' } });
});

test('reports every missing value at once', () => {
  const files = { 'config.yaml': 'a: ???\nb: { c: [1, ???] }\nd: ${a}\n' };
  expect(refusal(files)).toBe('CONFIG_VALUES_MISSING: these values must be given: a, b.c.1');
  expect(composed(files, ['a=1', 'b.c=[]'])).toEqual({ a: 1, b: { c: [] }, d: 1 });
});

test('refuses an override that an experiment makes of a group that is not there', () => {
  const experiment = '# @package _global_\ndefaults:\n  - override /modle: tiny\n';
  const files = { ...FILES, 'experiment/x.yaml': experiment };
  expect(refusal(files, ['+experiment=x'])).toContain("'modle' is not in the defaults list (did you mean 'model'?)");
});

test('says where the YAML is wrong', () => {
  expect(refusal({ 'config.yaml': 'a: 1\nb: [1, 2\nc: 3\n' })).toMatch(/^CONFIG_YAML_INVALID: config.yaml:[23]:\d+: /);
  expect(refusal({ 'config.yaml': 'a: 1\na: 2\n' })).toBe(
    'CONFIG_YAML_INVALID: config.yaml:2:1: Map keys must be unique',
  );
  expect(refusal({ 'config.yaml': '- 1\n' })).toContain('a config file holds a mapping');
});

test('refuses a defaults list that cannot be meant', () => {
  const reason = (list: string) => refusal({ ...FILES, 'config.yaml': `defaults:\n${list}` });
  expect(reason('  - _self_\n  - _self_\n')).toContain('_self_ stands there twice');
  expect(reason('  - override model: tiny\n  - trainer: default\n')).toContain('overrides stand last');
  expect(reason('  - model: 3\n')).toContain("'model' must have an option's name");
  expect(reason('  - { model: luna, trainer: default }\n')).toContain('is not one group');
  expect(refusal({ 'config.yaml': 'defaults: model\n' })).toContain('it must be a list');
});

test('names the config that is missing', () => {
  composed(FILES);
  expect(() => compose({ configDir, configName: 'confg' })).toThrow("(did you mean 'config'?)");
});

test('takes one value a run', () => {
  expect(refusal(FILES, ['seed=1,2'])).toBe(
    "CONFIG_OVERRIDE_SWEEP: 'seed=1,2' gives several values, and one run takes one",
  );
});

describe('an interpolation', () => {
  const of = (value: string) => refusal({ 'config.yaml': `seed: 1\nx: { y: '${value}' }\n` });

  test('that names no key is refused with the nearest', () => {
    expect(of('${sead}')).toBe("CONFIG_INTERPOLATION: x.y: ${sead}: there is no 'sead' (did you mean 'seed'?)");
    expect(of('${.z}')).toContain("there is no 'x.z' (did you mean 'x.y'?)");
  });

  test('of an unset variable, an unknown function or with wrong syntax is refused', () => {
    expect(of('${oc.env:NOWHERE}')).toContain("the environment has no 'NOWHERE'");
    expect(of('${oc.evn:USER}')).toContain("there is no 'oc.evn' (did you mean 'oc.env'?)");
    expect(of('a ${seed')).toContain("'${' at column 3 is not closed");
    expect(of('${a b}')).toContain('a key path like a.b or .b is expected');
    expect(of('${....a}')).toContain('a key path like a.b or .b is expected');
  });

  test('in a circle is refused with the circle', () => {
    expect(refusal({ 'config.yaml': 'a: ${b}\nb: ${c.d}\nc: { d: "${a}" }\n' })).toContain('a → b → c.d → a');
    expect(refusal({ 'config.yaml': 'a: { b: "${a}" }\n' })).toContain('in a circle');
  });

  test('keeps keys with a dot apart', () => {
    expect(composed({ 'config.yaml': 'a.b: 1\na: { b: 2 }\nc: ${a.b}\n' })).toEqual({ 'a.b': 1, a: { b: 2 }, c: 2 });
  });
});
