import type { TopLevelSpec } from 'vega-lite';
import { BAND, DARK, INK, MUTED } from './theme';

/** Building blocks of the figures. Rows are copied, because Vega marks the ones that it is given. */
export type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];
type Row = Record<string, number | string | boolean | null>;

interface Stroke {
  color?: string;
  width?: number;
  dash?: number[];
  /** Steps that hold a row's value from the row before. */
  step?: boolean;
}

/** From 0 to 1, ticks at the fifths. */
export const rateAxis = (title: string) => ({
  type: 'quantitative' as const,
  scale: { domain: [0, 1], nice: false },
  axis: { title, tickCount: 6, format: '.1f' },
});

/** A line through `rows` in their order. */
export function line(rows: readonly Row[], x: string, y: string, stroke: Stroke = {}): Layer {
  const { color = DARK, width = 2, dash, step } = stroke;
  return {
    data: { values: rows.map((row, order) => ({ ...row, order })) },
    mark: {
      type: 'line',
      color,
      strokeWidth: width,
      strokeJoin: 'round',
      clip: true,
      ...(dash && { strokeDash: dash }),
      ...(step && { interpolate: 'step-before' }),
    },
    encoding: {
      x: { field: x, type: 'quantitative' },
      y: { field: y, type: 'quantitative' },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}

/** The area between `lower` and `upper`. */
export function band(rows: readonly Row[], x: string, lower = 'lower', upper = 'upper'): Layer {
  return {
    data: { values: rows.map((row) => ({ ...row })) },
    mark: { type: 'area', color: BAND, clip: true },
    encoding: {
      x: { field: x, type: 'quantitative' },
      y: { field: lower, type: 'quantitative' },
      y2: { field: upper },
    },
  };
}

/** A dashed reference from one place to another. */
export function reference(from: readonly [number, number], to: readonly [number, number]): Layer {
  const rows = [from, to].map(([x, y]) => ({ x, y }));
  return line(rows, 'x', 'y', { color: MUTED, width: 1, dash: [3, 3] });
}

/** Upright bars from `lower` to `upper`. */
export function whiskers(rows: readonly Row[], x: string, stroke: Stroke = {}): Layer {
  return {
    data: { values: rows.map((row) => ({ ...row })) },
    mark: { type: 'rule', color: stroke.color ?? MUTED, strokeWidth: stroke.width ?? 1.2 },
    encoding: {
      x: { field: x, type: 'quantitative' },
      y: { field: 'lower', type: 'quantitative' },
      y2: { field: 'upper' },
    },
  };
}

interface Dot {
  fill?: string;
  shape?: 'circle' | 'square' | 'diamond';
  size?: number;
}

export function dots(rows: readonly Row[], x: string, y: string, dot: Dot = {}): Layer {
  const { fill = DARK, shape = 'circle', size = 50 } = dot;
  return {
    data: { values: rows.map((row) => ({ ...row })) },
    mark: {
      type: 'point',
      filled: true,
      fill,
      stroke: fill === 'white' ? INK : fill,
      shape,
      size,
      opacity: 1,
      strokeWidth: 1.6,
    },
    encoding: { x: { field: x, type: 'quantitative' }, y: { field: y, type: 'quantitative' } },
  };
}

/** A few words in a corner of the data area, `x` and `y` in pixels of it. */
export function note(text: string, x: number, y: number, align: 'left' | 'right' = 'right'): Layer {
  return {
    data: { values: [{ text }] },
    mark: { type: 'text', align, baseline: 'middle', fontSize: 12, color: INK },
    encoding: { x: { value: x }, y: { value: y }, text: { field: 'text' } },
  };
}
