import { z } from 'zod';

/** Which number of a figure a rule looks at: the estimate, or the bound of its 95 % interval that is worse. */
export type RuleBound = 'point' | 'lower' | 'upper';

/** `not applicable` is for a rule on the champion where there is none. */
export type RuleOutcome = 'pass' | 'fail' | 'not applicable';

/** What a rule asks: `metric op threshold`. */
export interface AskedRule {
  name: string;
  metric: string;
  on: RuleBound;
  op: '>=' | '<=';
  threshold: number;
}

/** A rule with what was found. */
export interface GateRule extends AskedRule {
  /** Null where the cases did not define the figure, and where the rule is not applicable. */
  value: number | null;
  outcome: RuleOutcome;
}

/** What a rule needs to know of a figure. */
export interface RuledFigure {
  value: number | null;
  interval: { lower: number; upper: number } | null;
}

export const gateRuleShape = z.strictObject({
  name: z.string().min(1),
  metric: z.string().min(1),
  on: z.enum(['point', 'lower', 'upper']),
  op: z.enum(['>=', '<=']),
  threshold: z.number(),
  value: z.number().nullable(),
  outcome: z.enum(['pass', 'fail', 'not applicable']),
});
export const gateRuleSchema: z.ZodType<GateRule> = gateRuleShape;

/**
 * Applies a rule to figures. A figure that the cases do not define passes no rule. A rule on a difference to the
 * champion is not applicable where there was no champion. Undefined where there is no figure of that name.
 */
export function judgeRule(
  rule: AskedRule,
  { figures, champion }: { figures: Readonly<Record<string, RuledFigure>>; champion: boolean },
): GateRule | undefined {
  const { name, metric, on, op, threshold } = rule;
  const asked = { name, metric, on, op, threshold };
  const compared = champion || Object.hasOwn(figures, metric);
  if (!compared && isChampionMetric(metric)) return { ...asked, value: null, outcome: 'not applicable' };
  const figure = Object.hasOwn(figures, metric) ? figures[metric] : undefined;
  if (!figure) return undefined;
  const value = on === 'point' ? figure.value : (figure.interval?.[on] ?? null);
  return { ...asked, value, outcome: ruleHolds({ op, threshold, value }) ? 'pass' : 'fail' };
}

/** Whether a figure compares with the champion: `champion.auc.difference`. */
export function isChampionMetric(metric: string): boolean {
  return metric.startsWith('champion.');
}

/** Whether a rule holds, computed from its figures and not from what it says of itself. What is not defined does not. */
export function ruleHolds({ op, threshold, value }: Pick<GateRule, 'op' | 'threshold' | 'value'>): boolean {
  if (value === null) return false;
  return op === '>=' ? value >= threshold : value <= threshold;
}

/** `pass` when no rule fails and at least one holds; there is no weighing of one against another. */
export function verdictOf(rules: readonly Pick<GateRule, 'outcome'>[]): 'pass' | 'fail' {
  const some = (outcome: RuleOutcome) => rules.some((rule) => rule.outcome === outcome);
  return some('pass') && !some('fail') ? 'pass' : 'fail';
}
