import type { TopLevelSpec } from 'vega-lite';
import type { ChampionSection } from '../sections';
import { type Layer, reference } from './layers';
import { DARK, fixed, INK, MUTED } from './theme';

const ROW = 34;
const WIDTH = 380;

/** Challenger minus champion for each endpoint, with its interval; the tick to the left of zero is the margin. */
export function championForestSpec({ endpoints }: ChampionSection): TopLevelSpec {
  const rows = endpoints.map(({ title, difference, interval, margin, verdict }, row) => ({
    row,
    title,
    difference,
    lower: interval.lower,
    upper: interval.upper,
    margin: -margin,
    from: row - 0.32,
    to: row + 0.32,
    verdict,
  }));
  const reach = 1.08 * Math.max(0.01, ...rows.flatMap(({ lower, upper, margin }) => [-lower, upper, -margin]));
  return {
    ...fixed({ left: 196, right: 130, top: 10 }),
    width: WIDTH,
    height: rows.length * ROW,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { domain: [-reach, reach], nice: false },
        axis: {
          title: 'Challenger minus champion (right of zero: better)',
          tickCount: 7,
          labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+.2~f')",
        },
      },
      y: { type: 'quantitative', scale: { domain: [rows.length - 0.5, -0.5], nice: false }, axis: null },
    },
    layer: [
      reference([0, -0.5], [0, rows.length - 0.5]),
      {
        data: { values: rows.map((row) => ({ ...row })) },
        mark: { type: 'rule', color: MUTED, strokeWidth: 2 },
        encoding: {
          x: { field: 'margin', type: 'quantitative' },
          y: { field: 'from', type: 'quantitative' },
          y2: { field: 'to' },
        },
      },
      {
        data: { values: rows.map((row) => ({ ...row })) },
        mark: { type: 'rule', color: INK, strokeWidth: 1.4 },
        encoding: {
          x: { field: 'lower', type: 'quantitative' },
          x2: { field: 'upper' },
          y: { field: 'row', type: 'quantitative' },
        },
      },
      {
        data: { values: rows.map((row) => ({ ...row })) },
        mark: { type: 'point', filled: true, shape: 'square', size: 70, opacity: 1, fill: DARK },
        encoding: { x: { field: 'difference', type: 'quantitative' }, y: { field: 'row', type: 'quantitative' } },
      },
      words(rows, 'title', -190),
      words(rows, 'verdict', WIDTH + 16),
    ],
  };
}

function words(
  rows: readonly { row: number; title: string; verdict: string }[],
  field: 'title' | 'verdict',
  x: number,
): Layer {
  return {
    data: { values: rows.map((row) => ({ row: row.row, text: row[field] })) },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11.5, color: INK, limit: 260 },
    encoding: { x: { value: x }, y: { field: 'row', type: 'quantitative' }, text: { field: 'text' } },
  };
}
