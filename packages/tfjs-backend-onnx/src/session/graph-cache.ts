import type { Graph, Values } from '../graph/op';
import type { CompiledGraph } from './compiled-graph';

/** A graph that has not run within this many runs gives its memory back after its next one. */
const RECENT_RUNS = 8;

interface Cached {
  graph: CompiledGraph;
  /** The number of the run it was last used for. */
  lastRun: number;
}

/**
 * Compiled graphs by structure; holds at most `capacity`, and releases the one longest unused for a new one.
 * A graph in a loop keeps its memory from run to run; one that runs now and then (a first step, the last batch of
 * an epoch) should not sit on it.
 */
export class GraphCache {
  private readonly graphs = new Map<string, Cached>();
  private runs = 0;

  constructor(private readonly capacity: number) {}

  run(key: string, graph: Graph, compile: () => CompiledGraph): Values[] {
    const cached = this.graphs.get(key) ?? { graph: compile(), lastRun: -Infinity };
    // A Map keeps the order of insertion: the first key is the one longest unused.
    this.graphs.delete(key);
    this.graphs.set(key, cached);
    if (this.graphs.size > this.capacity) this.drop(this.graphs.keys().next().value!);
    const returnMemory = this.runs - cached.lastRun > RECENT_RUNS;
    cached.lastRun = this.runs++;
    return cached.graph.run(graph, { returnMemory });
  }

  compiled(): CompiledGraph[] {
    return [...this.graphs.values()].map(({ graph }) => graph);
  }

  clear(): void {
    for (const key of [...this.graphs.keys()]) this.drop(key);
  }

  private drop(key: string): void {
    this.graphs.get(key)!.graph.release();
    this.graphs.delete(key);
  }
}
