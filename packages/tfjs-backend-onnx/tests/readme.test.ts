/**
 * The README's tables of kernels and of failing specs say what the code says. After a change of either:
 * `UPDATE_README=1 npx jest packages/tfjs-backend-onnx/tests/readme`
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getKernelsForBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { KERNEL_FAMILIES, LEFT_TO_CPU, OWN_KERNELS, RECORDERS } from '../src/recording/kernels';
import { BEFORE, LOWERINGS } from '../src/lowerings/table';
import { KNOWN_FAILURES } from './published-specs/known-failures';

const README = join(__dirname, '../README.md');

interface Named {
  readonly name: string;
}

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: string[], rows: string[][]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
const named = (rows: readonly Named[]): string => rows.map(({ name }) => name.replace('|', '\\|')).join(', ');

function kernelTables(): string {
  const families = Object.entries(KERNEL_FAMILIES).map(([family, kernels]) => [
    family,
    Object.keys(kernels).toSorted().join(', '),
  ]);
  const left = Object.entries(LEFT_TO_CPU).map(([reason, kernels]) => [reason, kernels.join(', ')]);
  const lowerings = Object.entries(LOWERINGS as Record<string, readonly Named[]>)
    .filter(([, rows]) => named(rows) !== 'portable')
    .map(([kernel, rows]) => [kernel, named(rows)]);
  const before = Object.entries(BEFORE as Record<string, Record<string, readonly Named[]>>).flatMap(
    ([provider, rows]) =>
      Object.entries(rows).map(([kernel, first]) => [`${kernel} (${provider} first tries)`, named(first)]),
  );
  return [
    'Recorded, that is, part of the compiled graph:',
    table(['family', 'kernels'], families),
    'Computed by tfjs-cpu, counted in `backend.fallbacks` and refused in strict mode:',
    table(['why', 'kernels'], left),
    'More than one lowering, tried in this order (Conv stands for Conv2D and Conv3D); all others have a portable one:',
    table(['kernel', 'lowerings'], [...lowerings, ...before]),
  ].join('\n\n');
}

function failingSpecs(): string {
  const rows = Object.entries(KNOWN_FAILURES).map(([reason, specs]) => [
    reason,
    specs.map((name) => `\`${name}\``).join('<br>'),
  ]);
  return table(['why', 'specs'], rows);
}

/** The README with what stands between `<!-- name -->` and `<!-- /name -->` made anew. */
function withSection(readme: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [readme.indexOf(start) + start.length, readme.indexOf(end)];
  expect(from < to).toBe(true);
  return `${readme.slice(0, from)}\n\n${content}\n\n${readme.slice(to)}`;
}

/** In a process of its own: Prettier loads its parts in a way that Jest does not offer. */
function formatted(readme: string): string {
  const prettier = require.resolve('prettier/bin/prettier.cjs');
  return execFileSync(process.execPath, [prettier, '--stdin-filepath', README], { input: readme, encoding: 'utf8' });
}

test('the README lists the kernels and the failing specs as they are', () => {
  const readme = readFileSync(README, 'utf8');
  const expected = formatted(withSection(withSection(readme, 'kernels', kernelTables()), 'specs', failingSpecs()));
  if (process.env['UPDATE_README']) writeFileSync(README, expected);
  else expect(readme).toBe(expected);
});

test('every kernel of tfjs-cpu is recorded, or left to it for a reason that is written down', () => {
  const known = [...Object.keys(RECORDERS), ...Object.values(LEFT_TO_CPU).flat()].filter(
    (kernel) => !OWN_KERNELS.includes(kernel),
  );
  const ofCpu = getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
  expect(known.toSorted()).toEqual(ofCpu.toSorted());
});
