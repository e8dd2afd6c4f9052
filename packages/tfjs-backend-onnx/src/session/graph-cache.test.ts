import type { CompiledGraph } from './compiled-graph';
import { GraphCache } from './graph-cache';

test('releases the graph longest unused when a new one needs its place', () => {
  const released: string[] = [];
  const compile = (name: string) => (): CompiledGraph => ({
    run: () => [],
    release: () => released.push(name),
    lowered: [],
  });
  const cache = new GraphCache(2);
  for (const name of ['a', 'b', 'a', 'c']) cache.take(name, compile(name));
  expect(released).toEqual(['b']);
  cache.clear();
  expect(released).toEqual(['b', 'a', 'c']);
});
