import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { onnxBackendError } from '../errors';
import type { TunedGraph } from './tune-onnx';

export interface TunedSessionOptions {
  /** Threads ONNX Runtime computes with. Default: all cores. */
  threads?: number;
}

/** Tensors by name; the first dimension of each is the batch. */
export type Feeds = Readonly<Record<string, Tensor>>;

/**
 * A portable model that runs by graphs tuned for this CPU as soon as it has them. Those are for one size of batch
 * each: a batch is split into the largest that fit, and what is left over runs by the portable model.
 */
export class TunedSession {
  private readonly tuned = new Map<number, InferenceSession>();

  private constructor(
    private readonly portable: InferenceSession,
    private readonly options: InferenceSession.SessionOptions,
  ) {}

  /** Loads the portable model alone, which takes tens of milliseconds. Errors are those of ONNX Runtime. */
  static async load(model: Uint8Array, { threads }: TunedSessionOptions = {}): Promise<TunedSession> {
    const options = sessionOptions(threads);
    return new TunedSession(await InferenceSession.create(model, options), options);
  }

  get inputNames(): readonly string[] {
    return this.portable.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.portable.outputNames;
  }

  /** The sizes of batch that tuned graphs are there for. */
  get batchSizes(): number[] {
    return [...this.tuned.keys()].sort((a, b) => a - b);
  }

  /** Takes over tuned graphs. A size that was there is replaced. */
  async adopt(graphs: readonly TunedGraph[]): Promise<void> {
    for (const { batchSize, onnx } of graphs) {
      const session = await InferenceSession.create(onnx, this.options);
      const before = this.tuned.get(batchSize);
      this.tuned.set(batchSize, session);
      await before?.release();
    }
  }

  /** @returns the named outputs, or all */
  async run(feeds: Feeds, outputs: readonly string[] = this.outputNames): Promise<Record<string, Tensor>> {
    const rows = Object.values(feeds)[0]?.dims[0] ?? 0;
    const parts = this.split(rows);
    if (parts.length === 1) return this.runOn(parts[0]!, feeds, outputs);
    const answers: Record<string, Tensor>[] = [];
    let from = 0;
    for (const size of parts) {
      answers.push(await this.runOn(size, rowsOf(feeds, rows, from, size), outputs));
      from += size;
    }
    return Object.fromEntries(outputs.map((name) => [name, joined(answers.map((answer) => answer[name]!))]));
  }

  /** The largest tuned sizes first, then what is left over. */
  private split(rows: number): number[] {
    const parts: number[] = [];
    let left = rows;
    for (const size of this.batchSizes.reverse()) {
      for (; left >= size; left -= size) parts.push(size);
    }
    return left > 0 || parts.length === 0 ? [...parts, left] : parts;
  }

  private async runOn(size: number, feeds: Feeds, outputs: readonly string[]): Promise<Record<string, Tensor>> {
    const session = this.tuned.get(size) ?? this.portable;
    return await session.run(feeds, outputs);
  }

  async release(): Promise<void> {
    await Promise.all([this.portable, ...this.tuned.values()].map((session) => session.release()));
  }
}

function sessionOptions(threads: number | undefined): InferenceSession.SessionOptions {
  return {
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1' } },
  };
}

/** Views of the rows from `from` on. */
function rowsOf(feeds: Feeds, rows: number, from: number, size: number): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => {
      const values = data as Float32Array;
      const each = values.length / rows;
      const part = values.subarray(from * each, (from + size) * each);
      return [name, new Tensor(type as 'float32', part, [size, ...dims.slice(1)])];
    }),
  );
}

function joined(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  const values = tensors.map(({ data }) => data as Float32Array);
  const Values = values[0]!.constructor as Float32ArrayConstructor;
  const whole = new Values(values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of values) {
    whole.set(part, at);
    at += part.length;
  }
  const rows = tensors.reduce((sum, { dims }) => sum + dims[0]!, 0);
  return new Tensor(first!.type as 'float32', whole, [rows, ...first!.dims.slice(1)]);
}

/** A float32 input for one row, by name. */
export type GoldenInputs = Readonly<Record<string, Float32Array>>;

export interface CheckOptions extends TunedSessionOptions {
  /** Inputs of single rows, on which both must answer the same. */
  cases: readonly GoldenInputs[];
  /** Largest difference relative to the scale of an output. Default 1e-4. */
  tolerance?: number;
}

/**
 * Compares tuned graphs with the portable model they were made of, on whole batches of the cases.
 * @throws ONNX_TUNE_DIFFERS where one answers otherwise
 */
export async function checkTuned(
  model: Uint8Array,
  graphs: readonly TunedGraph[],
  { cases, tolerance = 1e-4, ...options }: CheckOptions,
): Promise<void> {
  const portable = await TunedSession.load(model, options);
  try {
    for (const graph of graphs) {
      const tuned = await InferenceSession.create(graph.onnx, sessionOptions(options.threads));
      try {
        const feeds = batchOf(cases, graph);
        const [expected, actual] = [await portable.run(feeds), await tuned.run(feeds)];
        for (const name of portable.outputNames) {
          const difference = relativeDifference(actual[name]!, expected[name]!);
          if (difference <= tolerance) continue;
          throw onnxBackendError('ONNX_TUNE_DIFFERS', { batch: graph.batchSize, output: name, difference, tolerance });
        }
      } finally {
        await tuned.release();
      }
    }
  } finally {
    await portable.release();
  }
}

/** The cases over and over, until the batch is full. */
function batchOf(cases: readonly GoldenInputs[], { batchSize, inputs }: TunedGraph): Feeds {
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      const size = shape.slice(1).reduce((a, b) => a * b, 1);
      const values = new Float32Array(batchSize * size);
      for (let row = 0; row < batchSize; row++) values.set(cases[row % cases.length]![name]!, row * size);
      return [name, new Tensor('float32', values, [batchSize, ...shape.slice(1)])];
    }),
  );
}

function relativeDifference(actual: Tensor, expected: Tensor): number {
  const [found, wanted] = [actual.data as Float32Array, expected.data as Float32Array];
  if (found.length !== wanted.length) return Infinity;
  let [scale, worst] = [1, 0];
  for (let i = 0; i < wanted.length; i++) {
    scale = Math.max(scale, Math.abs(wanted[i]!));
    // Written so that something that is no number counts as a difference.
    const difference = Math.abs(found[i]! - wanted[i]!);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference;
  }
  return worst / scale;
}
