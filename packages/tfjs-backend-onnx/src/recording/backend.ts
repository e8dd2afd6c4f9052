import { DataStorage, KernelBackend, backend_util, engine } from '@tensorflow/tfjs-core';
import type { BackendTimingInfo, BackendValues, DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { graphOf, isLeaf, makeLeaf, sizeOf, structureKey } from '../graph/op';
import type { Dtype, Graph, Op, Operand, Shape, Values } from '../graph/op';
import type { Precision, Provider, Target } from '../graph/target';
import { GraphCache, blockSize, compileGraph } from '../session';
import type { CompiledGraph } from '../session';
import { compileFunction } from './compiled-function';
import type { CompileFunctionOptions, CompiledFunction } from './compiled-function';
import { explanationOf } from './explanation';
import type { FunctionHost } from './function-host';
import type { Explanation, GraphExplanation } from './explanation';
import { Profiler } from './profile';
import type { Profile, ProfileOptions } from './profile';
import { LastGoodVariables } from './variables';

export interface OnnxBackendOptions {
  /** Threads ONNX Runtime computes with. Default: all cores. The same number gives the same bits. */
  threads?: number;
  /** What computes: the CPU (default), or a GPU by WebGPU or CUDA. `availableProviders()` lists what is here. */
  provider?: Provider;
  /**
   * `mixed` computes convolutions and matrix products in float16, on GPUs that have it: for training take
   * `mixedPrecision(optimizer)`. Default: float32.
   */
  precision?: Precision;
  /** Compiled graphs kept. Default 64. */
  cachedGraphs?: number;
  /**
   * Native memory in bytes that compiled graphs may hold between runs, as estimated (constants, and the tensors alive
   * at once in a run). Those longest unused are released beyond it. Default: a quarter of the memory there is.
   */
  cacheBytes?: number;
  /** Kernels recorded before a synchronous loop is made to compute what it has so far. Default 5000. */
  pendingKernels?: number;
  /** The same in bytes of tensors made from values, which recorded kernels keep alive. Default: a 16th of memory. */
  pendingBytes?: number;
  /** Use standard ONNX only, even where the CPU has blocked kernels: slower, for comparison. Default false. */
  portableOnly?: boolean;
  /** Throw where tfjs-cpu would have to compute a kernel, instead of counting it in `fallbacks`. Default false. */
  strict?: boolean;
}

/** A tensor's data: an op, computed or not yet, or what no op here works on: strings, or the parts of complex numbers. */
type Entry = { refCount: number } & ({ op: Op } | { op: null; strings: BackendValues } | { op: null; parts: Parts });

/** Two float32 tensors that a complex one owns. */
export interface Parts {
  real: TensorInfo;
  imag: TensorInfo;
}

/** What a function that is being recorded may not read, what it read from outside, and the data it made itself. */
interface FunctionBeingRecorded {
  readonly inputs: ReadonlySet<Op>;
  readonly captured: Map<Op, TensorInfo>;
  readonly made: WeakSet<DataId>;
}

export interface OnnxBackendStatistics {
  /** Graphs run. */
  runs: number;
  /** Graphs compiled: it stops growing once a training loop is under way. */
  compiles: number;
  compileMs: number;
  runMs: number;
}

/**
 * A TF.js backend that records kernels instead of running them. Whatever is live and not yet computed becomes one
 * ONNX graph when a value is read, or in a microtask after the synchronous code that recorded it.
 */
export class OnnxBackend extends KernelBackend implements FunctionHost {
  /** How often each kernel without a lowering was run by tfjs-cpu instead. */
  readonly fallbacks = new Map<string, number>();
  readonly statistics: OnnxBackendStatistics = { runs: 0, compiles: 0, compileMs: 0, runMs: 0 };

  private readonly data = new DataStorage<Entry>(this, engine());
  /** Live tensors that are not computed yet, in the order they were recorded. */
  private readonly pending = new Set<Entry & { op: Op }>();
  private graphs: GraphCache;
  private readonly options: Required<OnnxBackendOptions>;
  private readonly placeholders = new WeakSet<Op>();
  private readonly variables = new LastGoodVariables(this);
  /** The failure of a step whose variables were taken back, until somebody has been told. */
  private undone: Error | null = null;
  private recordedSinceFlush = 0;
  private writtenSinceFlush = 0;
  private computesWhenFull = true;
  private functionBeingRecorded: FunctionBeingRecorded | null = null;
  private profiler: Profiler | null = null;
  private flushIsScheduled = false;

  constructor(options: Required<OnnxBackendOptions>) {
    super();
    this.options = options;
    this.graphs = new GraphCache({ graphs: options.cachedGraphs, bytes: options.cacheBytes });
  }

  // ── recording ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** A tensor as an input of an op to record. */
  operand({ dataId, shape, dtype }: TensorInfo): Operand {
    const { op } = this.data.get(dataId);
    if (op === null) throw onnxBackendError('ONNX_BACKEND_DTYPE', { dtype });
    if (this.functionBeingRecorded?.made.has(dataId) === false) {
      this.functionBeingRecorded.captured.set(op, { dataId, shape, dtype });
    }
    return { op, shape };
  }

  /** Gives an op's result a tensor of its own. */
  adopt({ op, shape }: Operand): TensorInfo {
    const dataId = {};
    const entry = { op, refCount: 1 };
    this.data.set(dataId, entry);
    if (!isLeaf(op)) {
      this.pending.add(entry);
      this.noteRecorded();
    }
    return { dataId, shape: [...shape], dtype: op.dtype };
  }

  /** Whether a tensor's data lies here. */
  holds({ dataId }: TensorInfo): boolean {
    return this.data.has(dataId);
  }

  /** Puts other values in place of a tensor's, where no other tensor shares them. */
  replaceLeaf({ dataId }: TensorInfo, op: Op): boolean {
    const entry = this.data.get(dataId);
    if (entry.refCount > 1 || entry.op === null) return false;
    this.pending.delete(entry);
    entry.op = op;
    return true;
  }

  private noteRecorded(): void {
    if (!this.flushIsScheduled) {
      this.flushIsScheduled = true;
      this.variables.note();
      queueMicrotask(() => {
        this.flushIsScheduled = false;
        this.flushInBackground();
      });
    }
    const { pendingKernels, pendingBytes } = this.options;
    const isFull = ++this.recordedSinceFlush > pendingKernels || this.writtenSinceFlush > pendingBytes;
    if (isFull && this.computesWhenFull) this.flush();
  }

  /** A failure here would have no caller to reach: whoever reads the tensor at fault meets it. */
  private flushInBackground(): void {
    try {
      this.computePending();
    } catch {
      // See flush(): the failed tensors are computed one by one when they are read.
    }
  }

  /** Runs code that only records: nothing is computed because much is pending. */
  recordOnly<T>(run: () => T): T {
    this.computesWhenFull = false;
    try {
      return run();
    } finally {
      this.computesWhenFull = true;
    }
  }

  /**
   * Runs a function that may only record, and says which tensors its kernels read.
   * @throws ONNX_COMPILE_READ_INSIDE where it asks for the values of a result or of one of `inputs`
   */
  recordFunction<T>(inputs: ReadonlySet<Op>, run: () => T): { value: T; captured: ReadonlyMap<Op, TensorInfo> } {
    const captured = new Map<Op, TensorInfo>();
    this.functionBeingRecorded = { inputs, captured, made: new WeakSet() };
    try {
      return { value: this.recordOnly(run), captured };
    } finally {
      this.functionBeingRecorded = null;
    }
  }

  get isRecordingFunction(): boolean {
    return this.functionBeingRecorded !== null;
  }

  /** A tensor without values, to record a function on. Nothing that reads it can be computed. */
  placeholder(shape: number[], dtype: Dtype): TensorInfo {
    const op = makeLeaf(new Float32Array(0), shape, dtype);
    this.placeholders.add(op);
    return this.adopt({ op, shape });
  }

  /** Counts a kernel that tfjs-cpu must run; refuses it in strict mode. */
  noteFallback(kernel: string, inputs: string, why: string): void {
    if (this.options.strict) throw onnxBackendError('ONNX_BACKEND_FALLBACK', { kernel, inputs, why });
    this.fallbacks.set(kernel, (this.fallbacks.get(kernel) ?? 0) + 1);
  }

  // ── computing ─────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Computes everything that is live and not computed yet, as one graph. Where that fails nothing is pending any more:
   * each tensor is then computed by itself when it is read, so that only those at fault throw. Variables are computed
   * all together, or else all go back to what they were.
   */
  flush(): void {
    try {
      this.computePending();
    } catch (error) {
      this.undone = null;
      throw error;
    }
    this.throwIfUndone();
  }

  private computePending(): void {
    this.recordedSinceFlush = 0;
    this.writtenSinceFlush = 0;
    const targets = [...new Set([...this.pending].map(({ op }) => op))].filter((op) => !isLeaf(op));
    this.pending.clear();
    if (targets.length === 0) return;
    try {
      this.compute(graphOf(targets));
    } catch (error) {
      this.computeVariables(targets.length, error);
      throw error;
    }
    this.variables.note();
  }

  private computeVariables(failedTargets: number, failure: unknown): void {
    const assigned = [...new Set(this.variables.pending())];
    if (assigned.length === 0) return;
    try {
      if (assigned.length === failedTargets) throw failure;
      this.compute(graphOf(assigned));
      this.variables.note();
    } catch (error) {
      this.variables.restore();
      this.undone = error as Error;
    }
  }

  /** A step that failed in the background is told to whoever asks for anything next. */
  private throwIfUndone(): void {
    const error = this.undone;
    this.undone = null;
    if (error !== null) throw error;
  }

  private compute(graph: Graph): void {
    if (graph.order.some((op) => this.placeholders.has(op))) throw onnxBackendError('ONNX_EXPORT_READ_INSIDE');
    const values = this.execute(structureKey(graph), graph, (position) => graph.order[position]!);
    graph.outputs.forEach((op, i) => {
      op.value = values[i]!;
    });
    // Only now: an output may be an input of another one.
    for (const op of graph.outputs) op.inputs = [];
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

  /** Computes one graph and nothing else that is pending. */
  computeNow(graph: Graph): void {
    if (graph.outputs.length > 0) this.compute(graph);
    this.variables.note();
  }

  /** A tensor's op, computed. */
  computed(tensor: TensorInfo): Op {
    const { op } = this.operand(tensor);
    if (!isLeaf(op)) this.valuesOf(op);
    return op;
  }

  // ── looking inside ────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * What each kernel became, for every compiled graph that is kept: an array of graphs, and as text a table.
   *
   * ```ts
   * console.log(`${backend.explain()}`);
   * console.log(backend.explain().table((lowering) => lowering === 'portable'));
   * ```
   */
  explain(): Explanation {
    return explanationOf(
      this.graphs.compiled().map((graph) => graph.lowered),
      this.fallbacks,
    );
  }

  /** One compiled graph by its structure's key, where it is kept. */
  explainGraph(key: string): GraphExplanation | undefined {
    return this.graphs.get(key)?.lowered;
  }

  /**
   * Measures what every node of every graph takes that `call` runs, compiled anew for it. Calls are real ones: a
   * training step trains.
   *
   * ```ts
   * const profile = await backend.profile(() => trainStep(x, y));
   * console.log(profile.table());
   * profile.writeTrace('step.json'); // for chrome://tracing or ui.perfetto.dev
   * ```
   *
   * @throws ONNX_BACKEND_PROFILING inside of another one
   */
  async profile(call: () => unknown, options: ProfileOptions = {}): Promise<Profile> {
    if (this.profiler) throw onnxBackendError('ONNX_BACKEND_PROFILING');
    this.flush();
    const kept = this.graphs;
    const profiler = new Profiler();
    this.graphs = new GraphCache({ graphs: Infinity, bytes: Infinity });
    this.profiler = profiler;
    const computeAll = async (): Promise<void> => {
      await call();
      this.flush();
    };
    try {
      for (let i = 0; i < (options.warmup ?? 1); i++) await computeAll();
      for (let i = 0; i < (options.calls ?? 3); i++) await profiler.measure(computeAll);
      this.graphs.clear();
      return profiler.profile();
    } finally {
      this.graphs.clear();
      this.graphs = kept;
      this.profiler = null;
      profiler.close();
    }
  }

  /**
   * Makes a function run as one compiled graph a call, without being recorded anew each time.
   *
   * ```ts
   * const step = backend.compile((x: tf.Tensor, y: tf.Tensor) => optimizer.minimize(() => loss(model(x), y), true)!);
   * for (const [x, y] of batches) console.log(step(x, y).dataSync());
   * ```
   *
   * See CompiledFunction, and the README on what such a function may do.
   * @throws ONNX_COMPILE_READ_INSIDE at a call, where the function reads a tensor
   */
  compile<Args extends unknown[], Result>(
    fn: (...args: Args) => Result,
    options: CompileFunctionOptions = {},
  ): CompiledFunction<Args, Result> {
    return compileFunction(this, fn, options);
  }

  // ── what TF.js asks of a backend ──────────────────────────────────────────────────────────────────────────────

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    this.functionBeingRecorded?.made.add(dataId);
    if (dtype === 'complex64') this.data.set(dataId, { op: null, parts: this.splitComplex(values, shape), refCount });
    else if (dtype === 'string') this.data.set(dataId, { op: null, strings: values, refCount });
    else {
      const op = makeLeaf(copyValues(values, shape, dtype), shape, dtype);
      this.writtenSinceFlush += op.value!.byteLength;
      this.data.set(dataId, { op, refCount });
    }
  }

  /** @param values real and imaginary parts in turn */
  private splitComplex(values: BackendValues, shape: number[]): Parts {
    const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
    const part = (of: Float32Array): TensorInfo => ({
      dataId: this.write(of, shape, 'float32'),
      shape,
      dtype: 'float32',
    });
    return { real: part(real), imag: part(imag) };
  }

  /** The parts of a complex tensor; null for any other. */
  partsOfComplex(dataId: DataId): Parts | null {
    const entry = this.data.get(dataId);
    return 'parts' in entry ? entry.parts : null;
  }

  override readSync(dataId: DataId): BackendValues {
    const entry = this.data.get(dataId);
    if ('parts' in entry) {
      const [real, imag] = [entry.parts.real, entry.parts.imag].map(
        (part) => this.readSync(part.dataId) as Float32Array,
      );
      return backend_util.mergeRealAndImagArrays(real!, imag!);
    }
    return entry.op === null ? entry.strings : this.valuesOf(entry.op);
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const entry = this.data.get(dataId);
    if (entry.op === null) return this.readSync(dataId);
    // The synchronous code that asked may record more: wait for its end, so that all of it is one graph.
    if (!isLeaf(entry.op)) await Promise.resolve();
    return this.valuesOf(entry.op);
  }

  private valuesOf(op: Op): Values {
    if (this.functionBeingRecorded && (!isLeaf(op) || this.functionBeingRecorded.inputs.has(op))) {
      throw onnxBackendError('ONNX_COMPILE_READ_INSIDE');
    }
    if (!isLeaf(op)) this.flushInBackground();
    this.throwIfUndone();
    // Disposed while its reader waited, or pending together with one that failed.
    if (!isLeaf(op)) this.compute(graphOf([op]));
    if (this.placeholders.has(op)) throw onnxBackendError('ONNX_EXPORT_READ_INSIDE');
    return op.value!;
  }

  override refCount(dataId: DataId): number {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.data.get(dataId).refCount++;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const entry = this.data.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.data.delete(dataId);
    if (entry.op !== null) this.pending.delete(entry);
    if ('parts' in entry) for (const { dataId: part } of [entry.parts.real, entry.parts.imag]) this.disposeData(part);
    return true;
  }

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  /** What `tf.memory()` adds: TF.js counts tensors exactly, and what compiled graphs hold can only be estimated. */
  override memory(): { unreliable: boolean; reasons: string[]; compiledGraphs: number; numBytesInGraphs: number } {
    return {
      unreliable: true,
      reasons: ['numBytesInGraphs, the native memory that compiled graphs hold between runs, is an estimate.'],
      compiledGraphs: this.graphs.compiled().length,
      numBytesInGraphs: this.graphs.heldBytes(),
    };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(run: () => void): Promise<BackendTimingInfo> {
    const started = performance.now();
    run();
    this.flush();
    return Promise.resolve({ kernelMs: performance.now() - started });
  }

  /** Releases every compiled graph and its native memory. */
  override dispose(): void {
    this.pending.clear();
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

/**
 * A copy, because the graph that reads it runs later: what a caller does with its array after `tf.tensor(array)`
 * must not reach into the step. (ONNX Runtime would also refuse memory shared between threads.)
 */
function copyValues(values: BackendValues, shape: Shape, dtype: Dtype): Values {
  const given = values as unknown as ArrayLike<number> | null;
  const size = sizeOf(shape);
  if (dtype === 'float32') return given ? new Float32Array(given) : new Float32Array(size);
  if (dtype === 'int32') return given ? new Int32Array(given) : new Int32Array(size);
  return given ? new Uint8Array(given) : new Uint8Array(size);
}
