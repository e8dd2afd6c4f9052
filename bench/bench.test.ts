import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ratioOf, resultLine } from './bench';
import { benches } from './benches';
import { assertSame } from './luna/assert-same';
import { median, takeTurns } from './side-by-side/rounds';
import { startWorker } from './side-by-side/worker';

const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'main.ts'), ...args], { encoding: 'utf8' });

test('--help lists the benches', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  for (const { name, summary } of benches) expect(stdout).toMatch(new RegExp(`  ${name} .*${summary.slice(0, 9)}`));
});

test('a name that is no bench ends with 2 and the list', () => {
  const { status, stderr } = run('trianing');
  expect(status).toBe(2);
  expect(stderr).toContain("BENCH_UNKNOWN: there is no bench 'trianing'");
  expect(stderr).toContain('LunaModel');
});

test('the ratio is above 1 when we are ahead, whichever way the figures go', () => {
  expect(ratioOf({ ours: 40, peer: 20 })).toBe(2);
  expect(ratioOf({ ours: 5, peer: 20, better: 'lower' })).toBe(4);
});

test('the last line has what a program reads, in this order', () => {
  const result = { ours: 43.2191, peer: 30, unit: 'samples/s', peerName: 'PyTorch', details: [] };
  expect(resultLine('training', result)).toBe(
    '{"bench":"training","ours":43.22,"peer":30,"ratio":1.441,"unit":"samples/s","peerName":"PyTorch"}',
  );
});

test('contestants take turns, each round beginning with another', async () => {
  const order: string[] = [];
  const turn = (name: string) => () => Promise.resolve(order.push(name));
  await takeTurns({ a: turn('a'), b: turn('b'), c: turn('c') }, 3);
  expect(order.join('')).toBe('abcbcacab');
});

test('a median of an even number of rounds lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test('figures that differ are no comparison', () => {
  expect(assertSame({ ours: [1, 2], peer: [1, 2.0005], what: 'the loss' }, 1e-3)).toBeCloseTo(5e-4);
  expect(() => assertSame({ ours: [1, 2], peer: [1, 2.1], what: 'the loss' }, 1e-3)).toThrow('the loss differs by');
  expect(() => assertSame({ ours: [NaN], peer: [1], what: 'the loss' }, 1e-3)).toThrow('the loss differs by');
});

test('a worker answers line by line, and one that dies is told with its last words', async () => {
  const script = `
    console.log('{"name":"doubler"}');
    require('node:readline').createInterface(process.stdin).on('line', (line) => {
      const { n } = JSON.parse(line);
      if (n < 0) { console.error('negative'); process.exit(3); }
      console.log(JSON.stringify({ doubled: 2 * n }));
    });`;
  const worker = await startWorker(process.execPath, ['-e', script]);
  expect(worker.greeting).toEqual({ name: 'doubler' });
  expect(await worker.ask({ n: 4 })).toEqual({ doubled: 8 });
  await expect(worker.ask({ n: -1 })).rejects.toThrow(/ended with status 3:\nnegative/);
});
