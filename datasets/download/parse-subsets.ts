import { downloadError } from './errors';

/** `0-9`, `3` or `0-2,7` as numbers. @throws CodedError DOWNLOAD_BAD_SUBSETS. */
export function parseSubsets(text: string): number[] {
  const subsets = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^([0-9])(?:-([0-9]))?$/.exec(part.trim());
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || from > to) throw downloadError('DOWNLOAD_BAD_SUBSETS', { text });
    for (let subset = from; subset <= to; subset++) subsets.add(subset);
  }
  return [...subsets].sort((a, b) => a - b);
}
