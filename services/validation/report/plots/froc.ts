import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import type { FrocSection } from '../sections';
import { band, dots, line, note, rateAxis, whiskers } from './layers';
import { labelled } from './roc';
import { fixed, SIDE } from './theme';

/** The rates of LUNA16, on an axis of powers of two. */
const RATES = [0.125, 0.25, 0.5, 1, 2, 4, 8];
const [FIRST, LAST] = [0.125, 8];
const RATE_NAMES = "{'0.125':'1/8','0.25':'1/4','0.5':'1/2'}[datum.value] || datum.value";

export function frocSpec(froc: FrocSection, figures: Report['figures']): TopLevelSpec {
  return {
    ...fixed({ right: 20 }),
    width: SIDE,
    height: SIDE,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { type: 'log', base: 2, domain: [FIRST, LAST], nice: false },
        axis: { title: 'False positives per scan', values: RATES, labelExpr: RATE_NAMES },
      },
      y: rateAxis('Sensitivity'),
    },
    layer: [
      band(froc.band, 'falsePositivesPerScan'),
      line(inView(froc.curve), 'falsePositivesPerScan', 'sensitivity'),
      whiskers(froc.points, 'falsePositivesPerScan'),
      dots(froc.points, 'falsePositivesPerScan', 'value', { fill: 'white' }),
      note(labelled('CPM', figures['froc.cpm']), SIDE - 9, SIDE - 17),
    ],
  };
}

/** The curve between the first and the last rate, with its values at both; beyond its last point it stays there. */
function inView(curve: FrocSection['curve']): FrocSection['curve'] {
  const at = (rate: number) => ({ falsePositivesPerScan: rate, sensitivity: interpolated(curve, rate) });
  const inside = curve.filter(({ falsePositivesPerScan: rate }) => rate > FIRST && rate < LAST);
  return [at(FIRST), ...densified([at(FIRST), ...inside, at(LAST)])];
}

/** Points between, for a straight line is bent on a logarithmic axis. */
function densified(points: FrocSection['curve']): FrocSection['curve'] {
  return points.slice(1).flatMap((to, i) => {
    const from = points[i]!;
    const parts = Math.ceil(4 * Math.log2(to.falsePositivesPerScan / from.falsePositivesPerScan)) || 1;
    return Array.from({ length: parts }, (_, k) => {
      const rate =
        from.falsePositivesPerScan * (to.falsePositivesPerScan / from.falsePositivesPerScan) ** ((k + 1) / parts);
      return {
        falsePositivesPerScan: rate,
        sensitivity: k + 1 === parts ? to.sensitivity : interpolated([from, to], rate),
      };
    });
  });
}

function interpolated(curve: FrocSection['curve'], rate: number): number {
  const next = curve.findIndex(({ falsePositivesPerScan }) => falsePositivesPerScan > rate);
  if (next <= 0) return curve.at(next)?.sensitivity ?? 0;
  const [from, to] = [curve[next - 1]!, curve[next]!];
  const share = (rate - from.falsePositivesPerScan) / (to.falsePositivesPerScan - from.falsePositivesPerScan);
  return from.sensitivity + share * (to.sensitivity - from.sensitivity);
}
