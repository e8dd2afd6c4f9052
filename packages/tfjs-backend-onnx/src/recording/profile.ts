import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledGraph } from '../session';
import { watched } from '../session';
import type { GraphRun, NodeTime, ProfiledGraph } from '../session';
import { textTable } from './text-table';

export interface ProfileOptions {
  /** Calls before the measured ones: the first one compiles and takes memory. Default 1. */
  warmup?: number;
  /** Calls measured. Default 3. */
  calls?: number;
}

/** What one op of the recorded graph cost in an average call. */
export interface ProfileRow {
  kernel: string;
  lowering: string;
  shape: readonly number[];
  /** ONNX nodes it took. */
  nodes: number;
  ms: number;
  /** Of the time of all nodes. */
  share: number;
}

/** An event of Chrome's trace format; times are in microseconds. */
export interface TraceEvent {
  name: string;
  cat: string;
  ph: 'X' | 'M';
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  args: Record<string, unknown>;
}

/** `performance.now()` around a measured call. */
interface Call {
  began: number;
  ended: number;
}

const JAVASCRIPT = 1;
const ONNX_RUNTIME = 2;

/** Where the time of some calls went, by node. */
export class Profile {
  /** The ops of all graphs, the costliest first. */
  readonly rows: readonly ProfileRow[];
  readonly calls: number;
  /** Of an average call, JavaScript and reading included. Measuring itself takes a little of it. */
  readonly wallMs: number;
  /** Of all nodes in an average call. */
  readonly nodeMs: number;
  /** Native memory in use at the worst moment of any graph, in bytes; 0 where its version of onnxruntime-node does not say. */
  readonly peakBytes: number;
  private readonly runs: readonly { graph: ProfiledGraph; run: GraphRun }[];

  constructor(
    graphs: readonly ProfiledGraph[],
    private readonly measured: readonly Call[],
  ) {
    const isMeasured = ({ began }: GraphRun): boolean => measured.some((c) => began >= c.began && began <= c.ended);
    this.runs = graphs.flatMap((graph) => graph.runs.filter(isMeasured).map((run) => ({ graph, run })));
    this.calls = measured.length;
    this.wallMs = measured.reduce((sum, { began, ended }) => sum + ended - began, 0) / this.calls;
    this.rows = this.rowsOf();
    this.nodeMs = this.rows.reduce((sum, { ms }) => sum + ms, 0);
    this.peakBytes = Math.max(0, ...this.runs.map(({ run }) => run.peakBytes));
  }

  private rowsOf(): ProfileRow[] {
    const costs = new Map<string, Omit<ProfileRow, 'share' | 'nodes'> & { names: Set<string> }>();
    const numbers = new Map<ProfiledGraph, number>();
    for (const { graph, run } of this.runs) {
      if (!numbers.has(graph)) numbers.set(graph, numbers.size);
      for (const node of run.nodes) {
        const { key, ...op } = opOf(graph, node);
        const id = `${numbers.get(graph)!} ${key}`;
        const cost = costs.get(id) ?? { ...op, ms: 0, names: new Set<string>() };
        cost.ms += node.duration / 1000 / this.calls;
        cost.names.add(node.node);
        costs.set(id, cost);
      }
    }
    const total = [...costs.values()].reduce((sum, { ms }) => sum + ms, 0);
    return [...costs.values()]
      .map(({ names, ...row }) => ({ ...row, nodes: names.size, share: total > 0 ? row.ms / total : 0 }))
      .sort((a, b) => b.ms - a.ms);
  }

  /** As text: the costliest ops, and what all of them took. */
  table(limit = 40): string {
    const rows = this.rows
      .slice(0, limit)
      .map(({ kernel, lowering, shape, nodes, ms, share }) => [
        kernel,
        lowering,
        shape.join('×') || 'scalar',
        String(nodes),
        ms.toFixed(2),
        `${(100 * share).toFixed(1)} %`,
      ]);
    const rest = this.rows.length - rows.length;
    return [
      textTable(['kernel', 'lowering', 'shape', 'nodes', 'ms', 'share'], rows),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      '',
      `${this.nodeMs.toFixed(1)} ms in nodes of ${this.wallMs.toFixed(1)} ms a call, ` +
        `${(this.peakBytes / 1e6).toFixed(0)} MB of native memory at most (${this.calls} calls)`,
    ].join('\n');
  }

  toString(): string {
    return this.table();
  }

  /** The measured calls in Chrome's trace format, for chrome://tracing or ui.perfetto.dev. */
  trace(): { traceEvents: TraceEvent[]; displayTimeUnit: 'ms' } {
    const origin = this.measured[0]?.began ?? 0;
    const at = (ms: number): number => (ms - origin) * 1000;
    const track = (tid: number, name: string): TraceEvent => {
      return { name: 'thread_name', cat: '__metadata', ph: 'M', pid: 1, tid, ts: 0, args: { name } };
    };
    const calls = this.measured.map(({ began, ended }, i): TraceEvent => {
      const name = `call ${i + 1}`;
      return {
        name,
        cat: 'call',
        ph: 'X',
        pid: 1,
        tid: JAVASCRIPT,
        ts: at(began),
        dur: at(ended) - at(began),
        args: {},
      };
    });
    const nodes = this.runs.flatMap(({ graph, run }) =>
      run.nodes.map((node): TraceEvent => {
        const { kernel, lowering, shape } = opOf(graph, node);
        const args = { lowering, shape: shape.join('×'), node: node.node, operator: node.operator };
        const ts = at(run.began) + node.start;
        return { name: kernel, cat: lowering, ph: 'X', pid: 1, tid: ONNX_RUNTIME, ts, dur: node.duration, args };
      }),
    );
    const tracks = [track(JAVASCRIPT, 'calls'), track(ONNX_RUNTIME, 'ONNX Runtime')];
    return { traceEvents: [...tracks, ...calls, ...nodes], displayTimeUnit: 'ms' };
  }

  writeTrace(path: string): void {
    writeFileSync(path, JSON.stringify(this.trace()));
  }
}

/** The op that a node was made for. Nodes that ONNX Runtime fused carry the name of one they were fused from. */
function opOf(
  { origins, lowered }: ProfiledGraph,
  { node, operator, outputShape }: NodeTime,
): { key: string; kernel: string; lowering: string; shape: readonly number[] } {
  const names = [node, ...(node.match(/[A-Z][A-Za-z]*_\d+/g) ?? [])];
  const index = names.map((name) => origins.get(name)).find((found) => found !== undefined);
  const op = index === undefined ? undefined : lowered[index];
  if (op) return { key: String(index), ...op };
  return { key: node, kernel: '(ONNX Runtime)', lowering: operator, shape: outputShape };
}

/** Compiles graphs so that each of their nodes is measured, and gathers the figures. */
export class Profiler {
  private readonly folder = mkdtempSync(join(tmpdir(), 'onnx-profile-'));
  private readonly profiled: ProfiledGraph[] = [];
  private readonly measured: Call[] = [];
  private graphs = 0;

  watch(compile: (profilePrefix: string) => CompiledGraph): CompiledGraph {
    const prefix = join(this.folder, `graph-${this.graphs++}`);
    return watched(compile(prefix), prefix, (graph) => this.profiled.push(graph));
  }

  async measure(call: () => unknown): Promise<void> {
    const began = performance.now();
    await call();
    this.measured.push({ began, ended: performance.now() });
  }

  /** Call it when all graphs are released. */
  profile(): Profile {
    return new Profile(this.profiled, this.measured);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
