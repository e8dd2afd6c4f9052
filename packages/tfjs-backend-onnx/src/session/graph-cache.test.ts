import type { Graph, Op } from '../graph/op';
import { graphOf, makeLeaf, makeOp } from '../graph/op';
import { GraphCache } from './graph-cache';
import type { CacheLimits, Compile } from './graph-cache';

const MIB = 2 ** 20;
const UNLIMITED = { graphs: 100, bytes: Infinity };

/** A graph whose run needs about as many bytes. */
function graphOfBytes(bytes: number): Graph {
  const shape = [bytes / 4];
  const x: Op = makeLeaf(new Float32Array(0), shape, 'float32');
  const squared = makeOp('Square', [{ op: x, shape }], {}, shape, 'float32');
  return graphOf([makeOp('Neg', [{ op: squared, shape }], {}, shape, 'float32')]);
}

/** Runs graphs by name, and tells what was compiled and released. */
function cacheWithLog(limits: CacheLimits): {
  run: (name: string, bytes?: number) => void;
  log: string[];
  cache: GraphCache;
} {
  const log: string[] = [];
  const cache = new GraphCache(limits);
  const compileAs =
    (name: string): Compile =>
    (_, keepsMemory) => {
      log.push(`${name} compiled${keepsMemory ? '' : ', returns memory'}`);
      const release = (): void => void log.push(`${name} released`);
      return { run: () => [], release, endProfiling: release, lowered: [], origins: new Map(), constantBytes: 0 };
    };
  const run = (name: string, bytes = 4): void => {
    const graph = graphOfBytes(bytes);
    cache.run(name, graph, (position) => graph.order[position]!, compileAs(name));
  };
  return { run, log, cache };
}

test('releases the graph longest unused when a new one needs its place', () => {
  const { run, log, cache } = cacheWithLog({ graphs: 2, bytes: Infinity });
  for (const name of ['a', 'b', 'a', 'c']) run(name);
  cache.clear();
  expect(log.filter((line) => line.endsWith('released'))).toEqual(['b released', 'a released', 'c released']);
});

test('releases graphs longest unused when all of them would hold too many bytes', () => {
  const { run, log, cache } = cacheWithLog({ graphs: 100, bytes: 20 * MIB });
  for (const name of ['a', 'b', 'a', 'c']) run(name, 4 * MIB);
  expect(log).toEqual(['a compiled', 'b compiled', 'c compiled', 'b released']);
  expect(cache.heldBytes()).toBeLessThan(20 * MIB);
});

test('keeps one graph that alone holds more than all may', () => {
  const { run, log } = cacheWithLog({ graphs: 100, bytes: MIB });
  for (const name of ['a', 'a', 'a']) run(name, 4 * MIB);
  expect(log).toEqual(['a compiled']);
});

test('lets a large graph that ran once make room for the next one', () => {
  const { run, log } = cacheWithLog(UNLIMITED);
  for (const name of ['first step', 'step', 'step', 'evaluation', 'step']) run(name, 100 * MIB);
  expect(log).toEqual(['first step compiled', 'first step released', 'step compiled', 'evaluation compiled']);
});

test('lets a large graph that comes back rarely return its memory, and keep it once it runs in a loop', () => {
  const { run, log } = cacheWithLog(UNLIMITED);
  for (const name of ['last batch', 'step', 'step']) run(name, 100 * MIB);
  log.length = 0;
  run('last batch', 100 * MIB);
  for (let i = 0; i < 20; i++) run('step', 100 * MIB);
  run('last batch', 100 * MIB);
  expect(log).toEqual(['last batch compiled, returns memory']);
  run('last batch', 100 * MIB);
  expect(log.slice(1)).toEqual(['last batch released', 'last batch compiled']);
});

test('holds nothing of a graph that could not be compiled', () => {
  const cache = new GraphCache(UNLIMITED);
  const graph = graphOfBytes(4);
  const fails: Compile = () => {
    throw new Error('refused');
  };
  expect(() => cache.run('a', graph, (position) => graph.order[position]!, fails)).toThrow('refused');
  expect(cache.compiled()).toEqual([]);
});
