import type { LoweredOp } from '../lowerings/lower-graph';
import { textTable } from './text-table';

/** One compiled graph: what each kernel in it became. */
export type GraphExplanation = readonly LoweredOp[];

export interface ExplanationRow {
  kernel: string;
  shape: string;
  lowering: string;
  /** Equal ones, in all graphs. */
  count: number;
}

/** What the kernels of compiled graphs became: an array of graphs, that prints as a table. */
export interface Explanation extends ReadonlyArray<GraphExplanation> {
  /** How often tfjs-cpu had to run a kernel, by the kernel's name. */
  readonly fallbacks: ReadonlyMap<string, number>;
  /** Equal ops counted together, in the order in which they first run. */
  rows: () => ExplanationRow[];
  /**
   * As text: a table of kernel, shape, lowering and count, then how many ops took which lowering and what tfjs-cpu ran.
   * @param only the lowerings to list, such as `(lowering) => lowering === 'portable'`
   */
  table: (only?: (lowering: string) => boolean) => string;
  toString: () => string;
}

export function explanationOf(
  graphs: readonly GraphExplanation[],
  fallbacks: ReadonlyMap<string, number>,
): Explanation {
  const rows = (): ExplanationRow[] => countEqual(graphs.flat());
  const table = (only: (lowering: string) => boolean = () => true): string => {
    const cells = rows()
      .filter(({ lowering }) => only(lowering))
      .map(({ kernel, shape, lowering, count }) => [kernel, shape, lowering, String(count)]);
    return [textTable(['kernel', 'shape', 'lowering', 'count'], cells), '', summary(graphs, fallbacks)].join('\n');
  };
  const hidden = (value: unknown): PropertyDescriptor => ({ value, enumerable: false });
  return Object.defineProperties([...graphs], {
    fallbacks: hidden(new Map(fallbacks)),
    rows: hidden(rows),
    table: hidden(table),
    toString: hidden(() => table()),
  }) as unknown as Explanation;
}

function countEqual(ops: readonly LoweredOp[]): ExplanationRow[] {
  const rows = new Map<string, ExplanationRow>();
  for (const { kernel, shape, lowering } of ops) {
    const key = `${kernel} ${shape.join()} ${lowering}`;
    const row = rows.get(key) ?? { kernel, shape: shape.join('×') || 'scalar', lowering, count: 0 };
    row.count++;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function summary(graphs: readonly GraphExplanation[], fallbacks: ReadonlyMap<string, number>): string {
  const counts = new Map<string, number>();
  for (const { lowering } of graphs.flat()) counts.set(lowering, (counts.get(lowering) ?? 0) + 1);
  const byLowering = [...counts].sort(([, a], [, b]) => b - a).map(([lowering, count]) => `${count} ${lowering}`);
  const byCpu = [...fallbacks].map(([kernel, count]) => `${kernel} ${count}×`);
  return [
    `${graphs.length} compiled graphs: ${byLowering.join(', ') || 'no ops'}`,
    `run by tfjs-cpu: ${byCpu.join(', ') || 'nothing'}`,
  ].join('\n');
}
