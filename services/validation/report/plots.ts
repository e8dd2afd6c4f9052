import { parse, View, Warn } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Config } from 'vega-lite';
import type { Report } from './schema';
import { intervalText, number } from './wording';

/** Vector figures of a report, as SVG text. They must read the same in grey: shape and dash carry the meaning. */
export interface Plots {
  roc: string;
  reliability: string;
  histogram: string;
  diameters: string;
}

const INK = '#1a1a1a';
const MUTED = '#6b6b6b';
const BAND = '#d9dde3';
const POSITIVE = '#1f3a5f';
const NEGATIVE = '#a9b4c2';
const SIDE = 290;
/** Room for axes, set by hand: without a canvas Vega can only guess how wide text is. */
const FIXED = { autosize: { type: 'none' as const }, padding: { left: 52, right: 14, top: 18, bottom: 44 } };
/** Height of a row of the forest plot. */
const ROW = 52;

const config: Config = {
  background: 'transparent',
  font: 'Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif',
  view: { stroke: null },
  axis: {
    labelFontSize: 11,
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    titleColor: INK,
    labelColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: '#ececec',
    tickSize: 4,
    titlePadding: 8,
    labelFlush: false,
  },
};

export async function drawPlots(report: Report): Promise<Plots> {
  return {
    roc: await draw('roc', rocSpec(report)),
    reliability: await draw('reliability', reliabilitySpec(report)),
    histogram: await draw('histogram', histogramSpec(report)),
    diameters: await draw('diameters', diametersSpec(report)),
  };
}

async function draw(name: string, spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec, { config }).spec), { renderer: 'none', logLevel: Warn });
  const svg = await view.toSVG();
  view.finalize();
  return renumberIds(name, svg);
}

/** Vega numbers its ids through the life of the process; here they depend on the figure alone. */
function renumberIds(name: string, svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\b(?:clip|gradient_?)\d+\b/g, (id) => {
    if (!names.has(id)) names.set(id, `${name}-clip-${names.size}`);
    return names.get(id)!;
  });
}

const rateAxis = (title: string) => ({ title, tickCount: 6, format: '.1f' });
const unit = { domain: [0, 1], nice: false };
const diagonal = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line' as const, color: MUTED, strokeDash: [3, 3], strokeWidth: 1 },
  encoding: { x: { field: 'x', type: 'quantitative' as const }, y: { field: 'y', type: 'quantitative' as const } },
};

function rocSpec({ discrimination, figures, holdout }: Report): TopLevelSpec {
  const { roc, rocBand, confusion } = discrimination;
  const point = {
    x: confusion.falsePositives / holdout.negatives,
    y: confusion.truePositives / holdout.positives,
  };
  return {
    ...FIXED,
    width: SIDE,
    height: SIDE,
    encoding: {
      x: { type: 'quantitative', scale: unit, axis: rateAxis('False positive rate (1 − specificity)') },
      y: { type: 'quantitative', scale: unit, axis: rateAxis('True positive rate (sensitivity)') },
    },
    layer: [
      {
        // A copy, because Vega marks the rows that it is given.
        data: { values: rocBand.map((row) => ({ ...row })) },
        mark: { type: 'area', color: BAND },
        encoding: { x: { field: 'falsePositiveRate' }, y: { field: 'lower' }, y2: { field: 'upper' } },
      },
      diagonal,
      {
        data: { values: roc.map((p, order) => ({ x: p.falsePositiveRate, y: p.truePositiveRate, order })) },
        mark: { type: 'line', color: POSITIVE, strokeWidth: 2, strokeJoin: 'round' },
        encoding: { x: { field: 'x' }, y: { field: 'y' }, order: { field: 'order', type: 'quantitative' } },
      },
      {
        data: { values: [point] },
        mark: { type: 'point', filled: true, fill: 'white', stroke: INK, strokeWidth: 2, size: 70, opacity: 1 },
        encoding: { x: { field: 'x' }, y: { field: 'y' } },
      },
      {
        data: {
          values: [
            {
              x: 0.97,
              y: 0.06,
              text: `AUC ${number(figures['auc']!.value)} (${intervalText(figures['auc']!.interval!)})`,
            },
          ],
        },
        mark: { type: 'text', align: 'right', fontSize: 12, color: INK },
        encoding: { x: { field: 'x' }, y: { field: 'y' }, text: { field: 'text' } },
      },
    ],
  };
}

function reliabilitySpec({ calibration, figures, model }: Report): TopLevelSpec {
  const bins = calibration.equalWidth
    .filter(({ n }) => n > 0)
    .map(({ predicted, observed, interval, n }) => ({ predicted, observed, ...interval, n, label: `${n}` }));
  return {
    ...FIXED,
    width: SIDE,
    height: SIDE,
    encoding: {
      x: { type: 'quantitative', scale: unit, axis: rateAxis('Mean score in the bin') },
      y: { type: 'quantitative', scale: unit, axis: rateAxis(`Share of ${model.positiveLabel} in the bin`) },
    },
    layer: [
      diagonal,
      {
        data: { values: bins },
        mark: { type: 'rule', color: MUTED, strokeWidth: 1.2 },
        encoding: { x: { field: 'predicted' }, y: { field: 'lower' }, y2: { field: 'upper' } },
      },
      {
        data: { values: bins },
        mark: { type: 'point', filled: true, fill: POSITIVE, opacity: 1, size: 50 },
        encoding: { x: { field: 'predicted' }, y: { field: 'observed' } },
      },
      {
        data: { values: bins },
        mark: { type: 'text', fontSize: 10, color: MUTED },
        encoding: { x: { field: 'predicted' }, y: { value: -9 }, text: { field: 'label' } },
      },
      {
        data: {
          values: [
            {
              x: 0.97,
              y: 0.06,
              text: `ECE ${number(figures['ece']!.value)}, Brier ${number(figures['brier']!.value)}`,
            },
          ],
        },
        mark: { type: 'text', align: 'right', fontSize: 12, color: INK },
        encoding: { x: { field: 'x' }, y: { field: 'y' }, text: { field: 'text' } },
      },
    ],
  };
}

function histogramSpec({ histogram, operatingPoint, holdout, model }: Report): TopLevelSpec {
  const rows = (counts: number[]) =>
    counts.map((count, b) => ({ from: b / counts.length, to: (b + 1) / counts.length, count }));
  const panel = (counts: number[], fill: string, title: string, xTitle: string | null) => ({
    width: SIDE,
    height: SIDE / 2 - 22,
    title: { text: title, anchor: 'start' as const, fontSize: 11.5, fontWeight: 'normal' as const, color: INK },
    layer: [
      {
        data: { values: rows(counts) },
        mark: { type: 'bar' as const, fill, stroke: INK, strokeWidth: 0.6, binSpacing: 0 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative' as const,
            bin: 'binned' as const,
            scale: unit,
            axis: { title: xTitle, values: [0, 0.2, 0.4, 0.6, 0.8, 1], format: '.1f', grid: false },
          },
          x2: { field: 'to' },
          y: {
            field: 'count',
            type: 'quantitative' as const,
            // Square root: most scores lie at the ends, and what is rare must still show.
            scale: { type: 'sqrt' as const },
            axis: { title: 'Cases', tickCount: 4, format: 'd' },
          },
        },
      },
      // White under the dashes, so that they show on dark bars too.
      ...[
        { color: 'white', strokeWidth: 3 },
        { color: INK, strokeWidth: 1.4, strokeDash: [5, 3] },
      ].map((stroke) => ({
        data: { values: [{ x: operatingPoint.threshold }].filter(({ x }) => x <= 1) },
        mark: { type: 'rule' as const, ...stroke },
        encoding: { x: { field: 'x', type: 'quantitative' as const } },
      })),
    ],
  });
  return {
    spacing: 14,
    vconcat: [
      panel(histogram.positives, POSITIVE, `${model.positiveLabel} (${holdout.positives})`, null),
      panel(histogram.negatives, NEGATIVE, `${model.negativeLabel} (${holdout.negatives})`, 'Score'),
    ],
  };
}

function diametersSpec({ strata, figures }: Report): TopLevelSpec {
  const all = figures['sensitivity']!;
  const levels = strata?.dimensions.find(({ name }) => name === 'diameter')?.levels ?? [];
  const rows = [
    ...levels.map(({ label, positives: n, sensitivity }) => ({
      label,
      n,
      sensitivity: sensitivity?.value,
      lower: sensitivity?.lower,
      upper: sensitivity?.upper,
      whole: false,
    })),
    {
      label: 'All',
      n: all.n,
      sensitivity: all.value,
      lower: all.interval!.lower,
      upper: all.interval!.upper,
      whole: true,
    },
  ].map((row) => ({ ...row, name: `${row.label}  (${row.n})` }));
  const measured = rows.filter(({ n }) => n > 0);
  return {
    ...FIXED,
    padding: { ...FIXED.padding, left: 104 },
    width: SIDE - 40,
    height: rows.length * ROW,
    encoding: {
      y: {
        field: 'name',
        type: 'nominal',
        sort: rows.map(({ name }) => name),
        axis: { title: null, domain: false, ticks: false, labelPadding: 8 },
      },
      x: { type: 'quantitative', scale: unit, axis: rateAxis('Sensitivity at the operating point') },
    },
    layer: [
      { data: { values: rows }, mark: { type: 'point', opacity: 0 }, encoding: { x: { datum: 0 } } },
      {
        data: { values: [{ x: all.value }] },
        mark: { type: 'rule', color: MUTED, strokeDash: [3, 3] },
        encoding: { x: { field: 'x', type: 'quantitative' }, y: { value: 0 }, y2: { value: rows.length * ROW } },
      },
      {
        data: { values: measured },
        mark: { type: 'rule', color: INK, strokeWidth: 1.4 },
        encoding: { x: { field: 'lower' }, x2: { field: 'upper' } },
      },
      {
        data: { values: measured },
        mark: { type: 'point', filled: true, opacity: 1, size: 75, fill: POSITIVE },
        encoding: {
          x: { field: 'sensitivity' },
          shape: {
            field: 'whole',
            type: 'nominal',
            scale: { domain: [false, true], range: ['square', 'diamond'] },
            legend: null,
          },
        },
      },
    ],
  };
}
