import { spawnSync } from 'node:child_process';
import type { BlocksFinding } from './blocks-child';
import { runChild } from './child';

const EMULATOR = 'qemu-x86_64';
const hasEmulator = spawnSync(EMULATOR, ['--version']).status === 0;
const onOtherCpus = hasEmulator || process.env['CI'] === 'true' ? test : test.skip;

/** The CPUs that ONNX Runtime's blocked kernels tell apart, as the emulator names them. */
const CPUS = [
  ['AVX2', 'Haswell'],
  ['no AVX', 'Nehalem'],
];

onOtherCpus.each(CPUS)('a CPU with %s has blocks of eight, and they compute what portable lowerings do', (_, cpu) => {
  const outcome = runChild('blocks-child.ts', [], {}, [EMULATOR, '-cpu', cpu]);
  expect(outcome.death).toBeNull();
  const [size, ...findings] = outcome.lines as [{ block: number }, ...BlocksFinding[]];
  expect(size).toEqual({ block: 8 });
  expect(findings.length).toBe(6);
  expect(findings.filter(({ worst }) => !(worst < 1e-4))).toEqual([]);
  const taken = findings.filter(({ name }) => name.startsWith('LunaModel')).map(({ blocked }) => blocked.length > 0);
  expect(taken).toEqual([true, true]);
});
