import { graphOf } from '../graph/op';
import type { CompiledGraph } from './compiled-graph';
import { GraphCache } from './graph-cache';

const nothing = graphOf([]);

function stub(log: string[], name: string): () => CompiledGraph {
  return () => ({
    run(_, { returnMemory }) {
      log.push(`${name} ${returnMemory ? 'returns' : 'keeps'}`);
      return [];
    },
    release: () => log.push(`${name} released`),
    lowered: [],
  });
}

test('releases the graph longest unused when a new one needs its place', () => {
  const log: string[] = [];
  const cache = new GraphCache(2);
  for (const name of ['a', 'b', 'a', 'c']) cache.run(name, nothing, stub(log, name));
  cache.clear();
  expect(log.filter((line) => line.endsWith('released'))).toEqual(['b released', 'a released', 'c released']);
});

test('keeps the memory of a graph in a loop, and gives back that of one that runs now and then', () => {
  const log: string[] = [];
  const cache = new GraphCache(4);
  for (const name of ['rare', 'step', 'step', ...Array<string>(8).fill('step'), 'rare', 'step']) {
    cache.run(name, nothing, stub(log, name));
  }
  expect(log.slice(0, 3)).toEqual(['rare returns', 'step returns', 'step keeps']);
  expect(log.slice(-2)).toEqual(['rare returns', 'step keeps']);
});
