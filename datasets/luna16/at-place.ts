import type { Annotation } from '../manifest';
import { groupBySeries } from './group-by-series';

/** Decimals are written differently in the tables. */
const SAME_PLACE_MM = 0.01;

interface Place {
  seriesuid: string;
  coordX: number;
  coordY: number;
  coordZ: number;
}

/** Finds the row of another table that marks the same place as an annotation. */
export function atPlace<Row extends Place>(rows: readonly Row[]): (annotation: Annotation) => Row | undefined {
  const ofSeries = groupBySeries(rows, ({ seriesuid }) => seriesuid);
  return ({ seriesUid, xyz: [x, y, z] }) =>
    ofSeries
      .get(seriesUid)
      ?.find(({ coordX, coordY, coordZ }) => Math.hypot(coordX - x, coordY - y, coordZ - z) < SAME_PLACE_MM);
}
