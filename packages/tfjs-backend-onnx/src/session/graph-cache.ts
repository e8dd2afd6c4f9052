import { createHash } from 'node:crypto';
import { isCodedError } from 'coded-error';
import type { Graph, Op, Values } from '../graph/op';
import type { CompiledGraph } from './compiled-graph';
import { estimateRunBytes } from './memory-estimate';

export interface CacheLimits {
  graphs: number;
  /** Of native memory held by all graphs, as estimated. */
  bytes: number;
}

/** Compiles a graph; one that keeps its memory from run to run is faster and holds it. */
export type Compile = (graph: Graph, keepsMemory: boolean) => CompiledGraph;

/** From here on it matters who holds memory. */
const LARGE_BYTES = 64 * 2 ** 20;
/** A graph that runs again within this many runs is in a loop. */
const LOOP_RUNS = 8;
/** Rare graphs remembered, as hashes. */
const REMEMBERED = 256;

interface Cached {
  graph: CompiledGraph;
  /** Native memory that a run needs, in bytes, as estimated. */
  runBytes: number;
  keepsMemory: boolean;
  runs: number;
  /** The number of the run it was last used for. */
  lastRun: number;
}

/**
 * Compiled graphs by structure. Holds at most so many graphs and so many bytes, and releases those longest unused.
 *
 * Large graphs are watched closer, because each holds the memory of a run. One that ran only once (a first step, the
 * last batch of an epoch) makes room when another is compiled. If it comes back it gives its memory back after each
 * run, which is slower, until it runs in a loop.
 */
export class GraphCache {
  private readonly graphs = new Map<string, Cached>();
  private readonly rare = new Set<string>();
  private runs = 0;

  constructor(private readonly limits: CacheLimits) {}

  /**
   * Runs the compiled graph of that structure, and compiles it before where there is none.
   * @param leafAt the leaf at a position of `graph.order`, for this run
   */
  run(key: string, graph: Graph, leafAt: (position: number) => Op, compile: Compile): Values[] {
    const cached = this.graphs.get(key) ?? this.add(key, graph, compile);
    // A Map keeps the order of insertion: the first key is the one longest unused.
    this.graphs.delete(key);
    this.graphs.set(key, cached);
    if (!cached.keepsMemory && this.runs - cached.lastRun <= LOOP_RUNS) this.keepMemory(key, cached, graph, compile);
    cached.lastRun = this.runs++;
    cached.runs++;
    try {
      return cached.graph.run(leafAt);
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'ONNX_BACKEND_OUT_OF_MEMORY') throw error;
      return this.runAlone(graph, leafAt, compile);
    }
  }

  /** Gives all memory back, also what this graph held of a smaller run, and tries once more. */
  private runAlone(graph: Graph, leafAt: (position: number) => Op, compile: Compile): Values[] {
    this.clear();
    const compiled = compile(graph, false);
    try {
      return compiled.run(leafAt);
    } finally {
      compiled.release();
    }
  }

  private add(key: string, graph: Graph, compile: Compile): Cached {
    const runBytes = estimateRunBytes(graph);
    const isRare = this.rare.has(digest(key));
    if (runBytes >= LARGE_BYTES) this.dropLargeThatRanOnce();
    const compiled = compile(graph, !isRare);
    const cached = { graph: compiled, runBytes, keepsMemory: !isRare, runs: 0, lastRun: -Infinity };
    this.makeRoom(heldBy(cached));
    return cached;
  }

  private keepMemory(key: string, cached: Cached, graph: Graph, compile: Compile): void {
    cached.graph.release();
    cached.keepsMemory = true;
    try {
      cached.graph = compile(graph, true);
    } catch (error) {
      this.graphs.delete(key);
      throw error;
    }
    this.rare.delete(digest(key));
  }

  private dropLargeThatRanOnce(): void {
    for (const [key, { runBytes, runs, keepsMemory }] of this.graphs) {
      if (runBytes < LARGE_BYTES || runs > 1 || !keepsMemory) continue;
      this.drop(key);
      this.rare.add(digest(key));
      if (this.rare.size > REMEMBERED) this.rare.delete(this.rare.values().next().value!);
    }
  }

  private makeRoom(bytes: number): void {
    while (this.graphs.size > 0) {
      if (this.graphs.size < this.limits.graphs && this.heldBytes() + bytes <= this.limits.bytes) return;
      this.drop(this.graphs.keys().next().value!);
    }
  }

  /** Native memory that all compiled graphs hold between runs, in bytes, as estimated. */
  heldBytes(): number {
    return [...this.graphs.values()].reduce((sum, cached) => sum + heldBy(cached), 0);
  }

  get(key: string): CompiledGraph | undefined {
    return this.graphs.get(key)?.graph;
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

function heldBy({ graph, runBytes, keepsMemory }: Cached): number {
  return graph.constantBytes + (keepsMemory ? runBytes : 0);
}

function digest(key: string): string {
  return createHash('sha1').update(key).digest('base64');
}
