import { DataStorage, KernelBackend, backend_util, engine } from '@tensorflow/tfjs-core';
import type { BackendTimingInfo, BackendValues, DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { onnxBackendError } from '../errors';
import { graphOf, isLeaf, makeLeaf, sizeOf, structureKey } from '../graph/op';
import type { Dtype, Graph, Op, Operand, Shape, Values } from '../graph/op';
import { compileFunction } from './compiled-function';
import type { CompileFunctionOptions, CompiledFunction } from './compiled-function';
import { explanationOf } from './explanation';
import type { FunctionHost } from './function-host';
import type { Explanation, GraphExplanation } from './explanation';
import { GraphRunner } from './graph-runner';
import type { OnnxBackendStatistics } from './graph-runner';
import type { OnnxBackendOptions } from './options';
import type { Profile, ProfileOptions } from './profile';
import { LastGoodVariables } from './variables';

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

/**
 * A TF.js backend that records kernels instead of running them. Whatever is live and not yet computed becomes one
 * ONNX graph when a value is read, or in a microtask after the synchronous code that recorded it.
 */
export class OnnxBackend extends KernelBackend implements FunctionHost {
  /** How often each kernel without a lowering was run by tfjs-cpu instead. */
  readonly fallbacks = new Map<string, number>();

  private readonly data = new DataStorage<Entry>(this, engine());
  /** Live tensors that are not computed yet, in the order they were recorded. */
  private readonly pending = new Set<Entry & { op: Op }>();
  private readonly runner: GraphRunner;
  private readonly placeholders = new WeakSet<Op>();
  private readonly variables = new LastGoodVariables(this);
  /** The failure of a step whose variables were taken back, until somebody has been told. */
  private undone: Error | null = null;
  private recordedSinceFlush = 0;
  private writtenSinceFlush = 0;
  private computesWhenFull = true;
  private functionBeingRecorded: FunctionBeingRecorded | null = null;
  private flushIsScheduled = false;

  constructor(private readonly options: Required<OnnxBackendOptions>) {
    super();
    this.runner = new GraphRunner(options);
  }

  /** What was compiled and run since the backend was registered. */
  get statistics(): Readonly<OnnxBackendStatistics> {
    return this.runner.statistics;
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
    return this.runner.execute(key, graph, leafAt);
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
    return explanationOf(this.runner.lowered(), this.fallbacks);
  }

  /** One compiled graph by its structure's key, where it is kept. */
  explainGraph(key: string): GraphExplanation | undefined {
    return this.runner.loweredOf(key);
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
    this.runner.refuseSecondProfile();
    this.flush();
    return this.runner.profile(async () => {
      await call();
      this.flush();
    }, options);
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
      compiledGraphs: this.runner.lowered().length,
      numBytesInGraphs: this.runner.heldBytes(),
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
    this.runner.clear();
  }
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
