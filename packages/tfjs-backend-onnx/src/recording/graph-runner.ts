import { onnxBackendError } from '../errors';
import type { Graph, Op, Values } from '../graph/op';
import type { Target } from '../graph/target';
import { GraphCache, blockSize, compileGraph } from '../session';
import type { CompiledGraph } from '../session';
import type { GraphExplanation } from './explanation';
import type { OnnxBackendOptions } from './options';
import { Profiler } from './profile';
import type { Profile, ProfileOptions } from './profile';

export interface OnnxBackendStatistics {
  /** Graphs run. */
  runs: number;
  /** Graphs compiled: it stops growing once a training loop is under way. */
  compiles: number;
  compileMs: number;
  runMs: number;
}

type RunnerOptions = Pick<
  Required<OnnxBackendOptions>,
  'threads' | 'provider' | 'precision' | 'portableOnly' | 'cachedGraphs' | 'cacheBytes'
>;

/** Compiles recorded graphs for the backend's provider, keeps them, runs them, and measures them when asked to. */
export class GraphRunner {
  readonly statistics: OnnxBackendStatistics = { runs: 0, compiles: 0, compileMs: 0, runMs: 0 };
  private graphs: GraphCache;
  private profiler: Profiler | null = null;

  constructor(private readonly options: RunnerOptions) {
    this.graphs = new GraphCache({ graphs: options.cachedGraphs, bytes: options.cacheBytes });
  }

  /** Runs the compiled form of a graph on these leaves. */
  execute(key: string, graph: Graph, leafAt: (position: number) => Op): Values[] {
    const started = performance.now();
    const compiling = this.statistics.compileMs;
    const values = this.graphs.run(key, graph, leafAt, (uncompiled, keepsMemory) =>
      this.compileAnew(uncompiled, keepsMemory),
    );
    this.statistics.runs++;
    this.statistics.runMs += performance.now() - started - (this.statistics.compileMs - compiling);
    return values;
  }

  private compileAnew(graph: Graph, keepsMemory: boolean): CompiledGraph {
    const started = performance.now();
    const { threads } = this.options;
    const target = this.target();
    const compileTo = (profilePrefix?: string): CompiledGraph =>
      compileGraph(graph, { threads, target, keepsMemory, profilePrefix });
    const compiled = this.profiler ? this.profiler.watch(compileTo) : compileTo();
    this.statistics.compiles++;
    this.statistics.compileMs += performance.now() - started;
    return compiled;
  }

  private target(): Target {
    const { provider, precision, portableOnly } = this.options;
    if (provider !== 'cpu' || portableOnly) return { provider, precision, blockSize: null };
    const size = blockSize();
    if (size === null) warnOfSlowCpu();
    return { provider, precision, blockSize: size };
  }

  /** What each kernel became, graph by graph. */
  lowered(): GraphExplanation[] {
    return this.graphs.compiled().map((graph) => graph.lowered);
  }

  /** The same of one graph by its structure's key, where it is kept. */
  loweredOf(key: string): GraphExplanation | undefined {
    return this.graphs.get(key)?.lowered;
  }

  /** Native memory that the graphs hold between runs, in bytes, as estimated. */
  heldBytes(): number {
    return this.graphs.heldBytes();
  }

  /** @throws ONNX_BACKEND_PROFILING while a profile is being taken */
  refuseSecondProfile(): void {
    if (this.profiler) throw onnxBackendError('ONNX_BACKEND_PROFILING');
  }

  /** Measures every graph that `computeAll` runs, compiled anew for it. */
  async profile(computeAll: () => Promise<void>, { warmup = 1, calls = 3 }: ProfileOptions): Promise<Profile> {
    const kept = this.graphs;
    const profiler = new Profiler();
    this.graphs = new GraphCache({ graphs: Infinity, bytes: Infinity });
    this.profiler = profiler;
    try {
      for (let i = 0; i < warmup; i++) await computeAll();
      for (let i = 0; i < calls; i++) await profiler.measure(computeAll);
      this.graphs.clear();
      return profiler.profile();
    } finally {
      this.graphs.clear();
      this.graphs = kept;
      this.profiler = null;
      profiler.close();
    }
  }

  /** Releases every compiled graph and its native memory. */
  clear(): void {
    this.graphs.clear();
  }
}

let hasWarned = false;

function warnOfSlowCpu(): void {
  if (hasWarned) return;
  hasWarned = true;
  const message =
    'ONNX Runtime has no blocked convolutions for this CPU (it has them for x64), so convolutions are trained by ' +
    'portable lowerings: right, but several times slower.';
  process.emitWarning(message, { code: 'ONNX_BACKEND_SLOW_CPU' });
}
