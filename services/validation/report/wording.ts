import type { Report } from './schema';

type Rule = Report['rules'][number];

/** `ROC AUC, lower bound of the 95 % interval` */
export function measuredQuantity({ metric, on }: Rule, { figures }: Report): string {
  const title = figures[metric]?.title ?? metric;
  return on === 'point' ? title : `${title}, ${on} bound of the 95 % interval`;
}

/** `0.913 ≥ 0.800 (margin +0.113)` */
export function comparison({ value, op, threshold, outcome, margin }: Rule): string {
  if (outcome === 'not applicable')
    return `${op === '>=' ? '≥' : '≤'} ${number(threshold)} not asked: there is no champion`;
  if (value === null || margin === null)
    return `is not defined here, ${op === '>=' ? '≥' : '≤'} ${number(threshold)} asked`;
  const sign = outcome === 'pass' ? (op === '>=' ? '≥' : '≤') : op === '>=' ? '<' : '>';
  return `${number(value)} ${sign} ${number(threshold)} (margin ${signed(margin)})`;
}

/** Three decimals, and two significant digits for what would show as 0.000; a dash for what is not defined. */
export function number(value: number | null): string {
  if (value === null) return '–';
  const small = value !== 0 && Math.abs(value) < 0.0005;
  return (small ? value.toExponential(1).replace('.0e', 'e') : value.toFixed(3)).replaceAll('-', '−');
}

export function signed(value: number | null): string {
  return value !== null && value >= 0 ? `+${number(value)}` : number(value);
}

export function intervalText(interval: { lower: number; upper: number }): string {
  const { lower, upper } = interval;
  return `${number(lower)}${lower < 0 ? ' to ' : '–'}${number(upper)}`;
}
