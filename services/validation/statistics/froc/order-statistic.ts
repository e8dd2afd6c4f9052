/**
 * The value that would stand at this place (from 0) if the values were sorted. Moves them about: smaller or equal ones
 * before that place, larger or equal ones after it. Takes time in proportion to their number, where sorting takes more.
 *
 * Source: Hoare, "Algorithm 65: Find", Communications of the ACM 4 (1961).
 */
export function orderStatistic(values: Float64Array, place: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = median(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (pivot < values[j]!) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (j < place) low = i;
    if (place < i) high = j;
  }
  return values[place]!;
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
