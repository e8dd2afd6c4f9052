import type { TopLevelSpec } from 'vega-lite';
import type { StrataSection } from '../sections';
import { type Layer, note } from './layers';
import { DARK, fixed, INK, MUTED } from './theme';

type Level = StrataSection['dimensions'][number]['levels'][number];

const ROW = 21;
const COLUMN = 176;
const GAP = 0.16;
const METRICS = ['sensitivity', 'specificity', 'auc'] as const;
const TITLES = { sensitivity: 'Sensitivity', specificity: 'Specificity', auc: 'ROC AUC' };

interface Line {
  row: number;
  label: string;
  /** Null for the name of a dimension. */
  level: Level | null;
}

/**
 * Sensitivity, specificity and AUC of each level beside each other, one row a level. Solid squares rest on enough
 * cases, hollow ones conclude nothing. The three metrics stand on one axis: a column begins at a multiple of 1 + GAP.
 */
export function strataForestSpec({ dimensions }: StrataSection): TopLevelSpec {
  const lines: Line[] = dimensions
    .flatMap(({ title, levels }) => [
      { label: title, level: null },
      ...levels.map((level) => ({ label: level.label, level })),
    ])
    .map((line, row) => ({ ...line, row }));
  const height = lines.length * ROW;
  const width = COLUMN * (METRICS.length + GAP * (METRICS.length - 1));
  const ticks = METRICS.flatMap((_, m) => [0, 0.5, 1].map((tick) => tick + m * (1 + GAP)));
  return {
    ...fixed({ left: 190, right: 12, top: 24, bottom: 26 }),
    width,
    height,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { domain: [0, METRICS.length + GAP * (METRICS.length - 1)], nice: false },
        axis: {
          title: null,
          values: ticks,
          labelExpr: `format(datum.value - floor(datum.value / ${1 + GAP} + 0.001) * ${1 + GAP}, '.1f')`,
          domain: false,
        },
      },
      y: {
        type: 'quantitative',
        scale: { domain: [lines.length - 0.5, -0.5], nice: false },
        axis: null,
      },
    },
    layer: [...estimates(lines), ...labels(lines), ...METRICS.map((metric, m) => heading(TITLES[metric], m))],
  };
}

function heading(title: string, column: number): Layer {
  return note(title, column * (1 + GAP) * COLUMN, -12, 'left');
}

function labels(lines: readonly Line[]): Layer[] {
  const text = (rows: readonly Line[], fontWeight: 'bold' | 'normal', x: number): Layer => ({
    data: {
      values: rows.map(({ row, label, level }) => ({ row, text: level ? `${label}  (${level.candidates})` : label })),
    },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11.5, fontWeight, color: INK, limit: 250 },
    encoding: { x: { value: x }, y: { field: 'row', type: 'quantitative' }, text: { field: 'text' } },
  });
  return [
    text(
      lines.filter(({ level }) => level === null),
      'bold',
      -184,
    ),
    text(
      lines.filter(({ level }) => level !== null),
      'normal',
      -174,
    ),
  ];
}

function estimates(lines: readonly Line[]): Layer[] {
  const rows = METRICS.flatMap((metric, m) =>
    lines.flatMap(({ row, level }) => {
      const estimate = level?.[metric];
      if (!level || !estimate) return [];
      const at = (value: number) => value + m * (1 + GAP);
      return [
        {
          row,
          value: at(estimate.value),
          lower: at(estimate.lower),
          upper: at(estimate.upper),
          fill: level.tooFew ? 'white' : DARK,
          stroke: level.tooFew ? MUTED : DARK,
        },
      ];
    }),
  );
  return [
    {
      data: { values: rows },
      mark: { type: 'rule', strokeWidth: 1.4 },
      encoding: {
        x: { field: 'lower', type: 'quantitative' },
        x2: { field: 'upper' },
        y: { field: 'row', type: 'quantitative' },
        color: { field: 'stroke', type: 'nominal', scale: null },
      },
    },
    {
      data: { values: rows.map((row) => ({ ...row })) },
      mark: { type: 'point', filled: true, shape: 'square', size: 52, opacity: 1, strokeWidth: 1.4 },
      encoding: {
        x: { field: 'value', type: 'quantitative' },
        y: { field: 'row', type: 'quantitative' },
        fill: { field: 'fill', type: 'nominal', scale: null },
        stroke: { field: 'stroke', type: 'nominal', scale: null },
      },
    },
  ];
}
