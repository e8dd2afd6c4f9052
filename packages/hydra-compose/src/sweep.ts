import { parseOverride } from './override-grammar';

/**
 * Every combination of the values that the overrides list, the last override changing fastest, as Hydra's `-m` runs
 * them.
 *
 * ```ts
 * expandSweep(['a=1,2', 'b=x,y', 'c=[1,2]']);
 * // [['a=1','b=x','c=[1,2]'], ['a=1','b=y','c=[1,2]'], ['a=2','b=x','c=[1,2]'], ['a=2','b=y','c=[1,2]']]
 * ```
 */
export function expandSweep(overrides: readonly string[]): string[][] {
  return overrides
    .map((line) => {
      const { choices } = parseOverride(line);
      return choices.length === 0 ? [line] : choices.map(({ text }) => line.slice(0, line.indexOf('=') + 1) + text);
    })
    .reduce<string[][]>((rows, lines) => rows.flatMap((row) => lines.map((line) => [...row, line])), [[]]);
}
