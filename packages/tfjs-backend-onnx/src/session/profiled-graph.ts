import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CompiledGraph } from './compiled-graph';

/** One ONNX node in one run of a graph. Times are in microseconds since the graph's run began. */
export interface NodeTime {
  node: string;
  /** ONNX's operator. */
  operator: string;
  start: number;
  duration: number;
  outputShape: readonly number[];
}

export interface GraphRun {
  /** `performance.now()` when it began, in milliseconds. */
  began: number;
  /** Microseconds. */
  duration: number;
  /** Native memory in use at the worst moment, in bytes. */
  peakBytes: number;
  nodes: readonly NodeTime[];
}

/** All runs of one graph. */
export interface ProfiledGraph {
  lowered: CompiledGraph['lowered'];
  origins: CompiledGraph['origins'];
  runs: readonly GraphRun[];
}

interface TraceEvent {
  cat: string;
  name: string;
  ts: number;
  dur: number;
  args: { op_name?: string; mem_in_use_peak?: string; output_type_shape?: Record<string, number[]>[] };
}

const KERNEL_TIME = '_kernel_time';

/**
 * Watches a graph that was compiled with `profilePrefix`.
 * @param prefix of a file in a folder that exists; what ONNX Runtime writes there is read and removed
 * @param done is told all runs when the graph is released
 */
export function watched(graph: CompiledGraph, prefix: string, done: (profiled: ProfiledGraph) => void): CompiledGraph {
  const began: number[] = [];
  return {
    ...graph,
    run(leafAt) {
      began.push(performance.now());
      return graph.run(leafAt);
    },
    release() {
      graph.endProfiling();
      graph.release();
      done({ lowered: graph.lowered, origins: graph.origins, runs: runsOf(takeEvents(prefix), began) });
    },
  };
}

function takeEvents(prefix: string): TraceEvent[] {
  const folder = dirname(prefix);
  // ONNX Runtime adds the time of day to the name.
  const file = readdirSync(folder).find((name) => name.startsWith(`${basename(prefix)}_`))!;
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[];
  rmSync(join(folder, file));
  return events;
}

function runsOf(events: readonly TraceEvent[], began: readonly number[]): GraphRun[] {
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith(KERNEL_TIME));
  const runs = events.filter(({ name }) => name === 'model_run').sort((a, b) => a.ts - b.ts);
  return runs.map((run, i) => {
    const inside = nodes.filter(({ ts }) => ts >= run.ts && ts <= run.ts + run.dur);
    return {
      began: began[i]!,
      duration: run.dur,
      peakBytes: Math.max(0, ...inside.map(({ args }) => Number(args.mem_in_use_peak ?? 0))),
      nodes: inside.map(({ name, ts, dur, args }) => ({
        node: name.slice(0, -KERNEL_TIME.length),
        operator: args.op_name!,
        start: ts - run.ts,
        duration: dur,
        outputShape: Object.values(args.output_type_shape?.[0] ?? {})[0] ?? [],
      })),
    };
  });
}
