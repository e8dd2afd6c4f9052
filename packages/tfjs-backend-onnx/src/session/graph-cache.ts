import type { CompiledGraph } from './compiled-graph';

/** Compiled graphs by structure; holds at most `capacity`, and releases the one longest unused for a new one. */
export class GraphCache {
  private readonly graphs = new Map<string, CompiledGraph>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.graphs.size;
  }

  take(key: string, compile: () => CompiledGraph): CompiledGraph {
    const graph = this.graphs.get(key) ?? compile();
    // A Map keeps the order of insertion: the first key is the one longest unused.
    this.graphs.delete(key);
    this.graphs.set(key, graph);
    if (this.graphs.size > this.capacity) this.drop(this.graphs.keys().next().value!);
    return graph;
  }

  values(): CompiledGraph[] {
    return [...this.graphs.values()];
  }

  clear(): void {
    for (const key of [...this.graphs.keys()]) this.drop(key);
  }

  private drop(key: string): void {
    this.graphs.get(key)!.release();
    this.graphs.delete(key);
  }
}
