import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isCodedError } from 'coded-error';
import { compose } from '../src';
import hydraCases from './hydra-cases.json';

/** What real Hydra gave for the same folders and overrides; make-hydra-cases.py made the file. */
const { hydra, env, folders, cases } = hydraCases as unknown as {
  hydra: string;
  env: Record<string, string>;
  folders: Record<string, Record<string, string>>;
  cases: { folder: string; overrides: string[]; config?: unknown; choices?: unknown; refused?: string }[];
};

const root = mkdtempSync(join(tmpdir(), 'hydra-compose-'));
beforeAll(() => {
  for (const [folder, files] of Object.entries(folders)) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe(`like hydra-core ${hydra}`, () => {
  test.each(cases.filter(({ refused }) => refused === undefined))(
    'composes $folder with $overrides',
    ({ folder, overrides, config, choices }) => {
      const composed = compose({ configDir: join(root, folder), overrides, env });
      expect(composed).toEqual({ config, choices, overrides });
    },
  );

  test.each(cases.filter(({ refused }) => refused !== undefined))(
    'refuses $folder with $overrides',
    ({ folder, overrides }) => {
      let error: unknown;
      try {
        compose({ configDir: join(root, folder), overrides, env });
      } catch (thrown) {
        error = thrown;
      }
      expect(isCodedError(error) && error.code).toMatch(/^CONFIG_/);
    },
  );
});
