import { judgeRule, verdictOf, type AskedRule, type GateRule } from 'model-bundle';
import type { Figures } from '../figure';
import type { Suite } from '../suite';
import type { Policy } from './policy';
import { unknownMetric } from './unknown-metric';

/** A rule with how it came out; `margin` is how far on the right side the value lies (negative: it failed). */
export interface RuleResult extends GateRule {
  margin: number | null;
  /** Whether it is the criterion that the study was planned for, or on an endpoint that comes next, or on neither. */
  endpoint: 'primary' | 'secondary' | null;
}

/** Everything that is asked of a model: the primary criterion first, then what the suite allows to differ. */
export function rulesOf(suite: Omit<Suite, 'holdout'>, { rules }: Pick<Policy, 'rules'>): AskedRule[] {
  return [
    suite.primary,
    ...rules,
    {
      name: 'golden cases give the same answer',
      metric: 'goldenCaseDifference',
      on: 'point',
      op: '<=',
      threshold: suite.goldenCases.tolerance,
    },
    ...determinismRules(suite),
    ...budgetRules(suite),
  ];
}

function determinismRules({ determinism }: Pick<Suite, 'determinism'>): AskedRule[] {
  return Object.entries(determinism?.tolerance ?? {}).map(([comparison, threshold]) => ({
    name: `a patch gets the same answer: ${SAME_ANSWER[comparison as keyof typeof SAME_ANSWER]}`,
    metric: `determinism.${comparison}`,
    on: 'point',
    op: '<=',
    threshold,
  }));
}

function budgetRules({ budget }: Pick<Suite, 'budget'>): AskedRule[] {
  if (!budget) return [];
  const name = 'time and memory stay within the budget';
  return [{ name, metric: 'budget.exceeded', on: 'point', op: '<=', threshold: 0 }];
}

const SAME_ANSWER = { repeat: 'asked twice', batch: 'alone and in a batch', engine: 'by another engine' };

/**
 * Applies every rule. The verdict is `pass` when all of them hold; there is no weighing of one against another. A figure
 * that these cases do not define passes no rule; a rule on the champion is not applicable where there is none.
 *
 * @throws VALIDATION_METRIC_UNKNOWN
 */
export function judge(
  suite: Suite,
  policy: Policy,
  { figures, champion }: { figures: Figures; champion: boolean },
): { verdict: 'pass' | 'fail'; rules: RuleResult[] } {
  const rules = rulesOf(suite, policy).map((rule, index): RuleResult => {
    const { name, metric, op, threshold } = rule;
    const judged = judgeRule(rule, { figures, champion });
    if (!judged) throw unknownMetric(`rule "${name}"`, metric, Object.keys(figures));
    const { value } = judged;
    const margin = value === null ? null : op === '>=' ? value - threshold : threshold - value;
    return {
      ...judged,
      margin,
      endpoint: index === 0 ? 'primary' : suite.secondary.includes(metric) ? 'secondary' : null,
    };
  });
  return { verdict: verdictOf(rules), rules };
}
