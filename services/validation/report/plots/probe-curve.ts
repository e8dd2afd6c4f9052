import type { TopLevelSpec } from 'vega-lite';
import type { ProbesSection } from '../sections';
import { dots, type Layer, line, reference, whiskers } from './layers';
import { BAND, fixed, INK } from './theme';

type Probe = ProbesSection['probes'][number];
const WIDTH = 172;
const HEIGHT = 118;
const PADDING = { left: 52, right: 10, top: 8, bottom: 40 };

/** Every probe on the same vertical axis, so that a steep one looks steep beside a flat one. */
export function sharedDomain({ baseline, probes }: ProbesSection): readonly [number, number] {
  const lowest = Math.min(...probes.flatMap(({ points }) => points.map(({ drop }) => baseline - drop.upper)));
  const highest = Math.max(...probes.flatMap(({ points }) => points.map(({ drop }) => baseline - drop.lower)));
  const top = Math.max(baseline, highest);
  const room = 0.06 * Math.max(0.05, top - lowest);
  return [Math.min(lowest, baseline) - room, top + room];
}

/** A metric against the strength of one disturbance, over its declared range (grey). */
export function probeCurveSpec(probe: Probe, section: ProbesSection, metricTitle: string): TopLevelSpec {
  const { baseline } = section;
  const named = probe.points.some(({ label }) => label !== null);
  const rows = probe.points.map((point, i) => ({
    strength: named ? i : point.strength,
    value: point.value,
    lower: baseline - point.drop.upper,
    upper: baseline - point.drop.lower,
  }));
  const [from, to] = named
    ? [-0.5, rows.length - 0.5]
    : [
        Math.min(probe.declared.from, ...rows.map(({ strength }) => strength)),
        Math.max(probe.declared.to, ...rows.map(({ strength }) => strength)),
      ];
  const room = named ? 0 : 0.04 * (to - from || 1);
  const domain: [number, number] = [from - room, to + room];
  return {
    ...fixed(PADDING),
    width: WIDTH,
    height: HEIGHT,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { domain, nice: false },
        axis: named ? namedAxis(probe) : { title: strengthTitle(probe), tickCount: 5, grid: false },
      },
      y: {
        type: 'quantitative',
        scale: { domain: [...sharedDomain(section)], nice: false, zero: false },
        axis: { title: metricTitle, tickCount: 4, titleX: -38 },
      },
    },
    layer: [
      // What is declared is all of a probe with names: shading would say nothing.
      ...(named ? [] : [declaredRange(probe)]),
      reference([domain[0], baseline], [domain[1], baseline]),
      ...(named ? [] : [line(rows, 'strength', 'value', { width: 1.6 })]),
      whiskers(rows, 'strength', { color: INK }),
      dots(rows, 'strength', 'value', { size: 34 }),
    ],
  };
}

function strengthTitle({ unit }: Probe): string {
  return unit === '' ? 'Strength' : `Strength (${unit})`;
}

function namedAxis({ points }: Probe) {
  const names = points.map(({ label, strength }) => label ?? String(strength));
  return {
    title: null,
    values: points.map((_, i) => i),
    labelExpr: `${JSON.stringify(names)}[datum.value]`,
    labelLimit: Math.floor((1.5 * WIDTH) / points.length),
    grid: false,
  };
}

function declaredRange({ declared }: Probe): Layer {
  return {
    data: { values: [{ from: declared.from, to: declared.to }] },
    mark: { type: 'rect', color: BAND, opacity: 0.55 },
    encoding: {
      x: { field: 'from', type: 'quantitative' },
      x2: { field: 'to' },
      y: { value: 0 },
      y2: { value: HEIGHT },
    },
  };
}
