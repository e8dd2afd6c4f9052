/** A scan of one file a slice has hundreds; a header that asks for millions is not believed. */
const MOST_FILES = 1 << 16;

/**
 * The names that a printf pattern stands for, as MetaImage and NRRD write it: `slice%03d.raw 1 120 1` is
 * slice001.raw to slice120.raw. Undefined where it is no such pattern, or not of that many files, or of more than 65,536.
 *
 * @param rest the numbers after the pattern: first, last, step; MetaImage lets the last ones be missing.
 */
export function expandPattern(pattern: string, rest: readonly number[], count: number): string[] | undefined {
  const match = /^([^%]*)%(0?)(\d{0,2})[diu]([^%]*)$/.exec(pattern);
  const [first = 1, last, step = 1] = rest;
  if (!match || ![first, step, last ?? 0].every(Number.isSafeInteger) || step === 0) return undefined;
  if (count > MOST_FILES) return undefined;
  if (last !== undefined && Math.floor((last - first) / step) + 1 < count) return undefined;
  const [, before = '', zero = '', width = '', after = ''] = match;
  return Array.from({ length: count }, (_, i) => {
    const digits = String(first + i * step);
    return `${before}${digits.padStart(Number(width), zero === '0' ? '0' : ' ')}${after}`;
  });
}
