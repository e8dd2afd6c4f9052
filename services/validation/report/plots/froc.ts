import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '../schema';
import type { FrocSection } from '../sections';
import { band, dots, line, note, rateAxis, whiskers } from './layers';
import { labelled } from './roc';
import { fixed, SIDE } from './theme';

/** The rates of LUNA16, on an axis of powers of two. */
const RATES = [0.125, 0.25, 0.5, 1, 2, 4, 8];
const RATE_NAMES = "{'0.125':'1/8','0.25':'1/4','0.5':'1/2'}[datum.value] || datum.value";

export function frocSpec(froc: FrocSection, figures: Report['figures']): TopLevelSpec {
  const inView = <T extends { falsePositivesPerScan: number }>(rows: readonly T[]) =>
    rows.filter(({ falsePositivesPerScan: rate }) => rate >= 0.125 && rate <= 8);
  return {
    ...fixed({ right: 20 }),
    width: SIDE,
    height: SIDE,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { type: 'log', base: 2, domain: [0.125, 8], nice: false },
        axis: { title: 'False positives per scan', values: RATES, labelExpr: RATE_NAMES },
      },
      y: rateAxis('Sensitivity'),
    },
    layer: [
      band(inView(froc.band), 'falsePositivesPerScan'),
      line(inView(froc.curve), 'falsePositivesPerScan', 'sensitivity'),
      whiskers(froc.points, 'falsePositivesPerScan'),
      dots(froc.points, 'falsePositivesPerScan', 'value', { fill: 'white' }),
      note(labelled('CPM', figures['froc.cpm']), SIDE - 9, SIDE - 17),
    ],
  };
}
