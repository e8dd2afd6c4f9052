import type { Volume } from '../../../datasets';

/** Side of the square windows in which the standard deviation is taken, mm; as in the source. */
const WINDOW_MM = 6;
/** Mean HU of a window of soft tissue. */
const SOFT_TISSUE = { from: 0, to: 100 };
/** Of a window that is at least lung. */
const BODY_FROM = -950;
const FEWEST_WINDOWS = 50;
/** Slices that are looked at, evenly spaced. */
const MOST_SLICES = 24;

/**
 * Standard deviation of the noise of a scan, HU: the most frequent standard deviation of small windows of soft tissue,
 * because most of them show nothing but noise. A scan with hardly any soft tissue is measured in all of the body; one
 * with neither is taken as free of noise.
 *
 * Source: the global noise level of Christianson, Winslow, Frush and Samei, AJR 205 (2015); the mode is found without
 * bins, as the half-sample mode of Bickel and Frühwirth, Comput. Stat. Data Anal. 50 (2006).
 */
export function noiseOfScan(volume: Volume): number {
  const soft: number[] = [];
  const body: number[] = [];
  forEachWindow(volume, (mean, deviation) => {
    if (mean >= SOFT_TISSUE.from && mean <= SOFT_TISSUE.to) soft.push(deviation);
    if (mean >= BODY_FROM && mean <= SOFT_TISSUE.to) body.push(deviation);
  });
  if (soft.length >= FEWEST_WINDOWS) return halfSampleMode(soft);
  return body.length > 0 ? halfSampleMode(body) : 0;
}

function forEachWindow(
  { hu, size: [slices, rows, columns], spacingXyz }: Volume,
  visit: (mean: number, deviation: number) => void,
): void {
  const width = Math.max(3, Math.round(WINDOW_MM / spacingXyz[0]));
  const height = Math.max(3, Math.round(WINDOW_MM / spacingXyz[1]));
  const looked = Math.min(slices, MOST_SLICES);
  for (let n = 0; n < looked; n++) {
    const slice = Math.floor(((n + 0.5) * slices) / looked) * rows * columns;
    for (let row = 0; row + height <= rows; row += height) {
      for (let column = 0; column + width <= columns; column += width) {
        let sum = 0;
        let squares = 0;
        for (let r = row; r < row + height; r++) {
          for (let at = slice + r * columns + column, c = 0; c < width; c++, at++) {
            sum += hu[at]!;
            squares += hu[at]! * hu[at]!;
          }
        }
        const count = width * height;
        const mean = sum / count;
        visit(mean, Math.sqrt(Math.max(0, squares - count * mean * mean) / (count - 1)));
      }
    }
  }
}

/** The densest place of some numbers: half of them that lie closest together, again and again. */
export function halfSampleMode(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  let [from, count] = [0, sorted.length];
  while (count > 2) {
    const half = Math.ceil(count / 2);
    let best = from;
    for (let start = from; start + half <= from + count; start++) {
      if (sorted[start + half - 1]! - sorted[start]! < sorted[best + half - 1]! - sorted[best]!) best = start;
    }
    [from, count] = [best, half];
  }
  return (sorted[from]! + sorted[from + count - 1]!) / 2;
}
