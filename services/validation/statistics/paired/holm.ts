/**
 * p values after Holm's step-down correction, in the order given. Each may be held against the level that was meant for
 * one test: the chance that any true null hypothesis is refused stays at that level, whatever depends on what.
 *
 * Source: Holm, Scandinavian Journal of Statistics 6 (1979); as R's `p.adjust(p, "holm")`.
 */
export function holmAdjusted(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Array<number>(p.length).fill(1);
  let largest = 0;
  order.forEach((test, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[test]!));
    adjusted[test] = largest;
  });
  return adjusted;
}
