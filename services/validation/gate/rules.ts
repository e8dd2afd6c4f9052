import { ruleHolds, type GateRule } from 'model-bundle';
import { validationError } from '../errors';
import type { Figures } from '../figure';
import type { RuleBound, Suite, SuiteRule } from '../suite';

/** A rule with how it came out; `margin` is how far on the right side the value lies (negative: it failed). */
export interface RuleResult extends GateRule {
  on: RuleBound;
  margin: number | null;
  primary: boolean;
}

/**
 * Applies every rule, the primary criterion first and the replay of the golden cases last. The verdict is `pass` when
 * all of them hold; there is no weighing of one against another. A figure that these cases do not define passes no rule.
 *
 * @throws VALIDATION_METRIC_UNKNOWN
 */
export function judge(suite: Suite, figures: Figures): { verdict: 'pass' | 'fail'; rules: RuleResult[] } {
  const rules = [
    applyRule(suite.primary, figures, true),
    ...suite.rules.map((rule) => applyRule(rule, figures, false)),
    applyRule(
      {
        name: 'golden cases give the same answer',
        metric: 'goldenCaseDifference',
        on: 'point',
        op: '<=',
        threshold: suite.goldenCases.tolerance,
      },
      figures,
      false,
    ),
  ];
  return { verdict: rules.every(({ passed }) => passed) ? 'pass' : 'fail', rules };
}

function applyRule({ name, metric, on, op, threshold }: SuiteRule, figures: Figures, primary: boolean): RuleResult {
  const figure = figures[metric];
  if (!figure) {
    throw validationError('VALIDATION_METRIC_UNKNOWN', { rule: name, metric, known: Object.keys(figures).join(', ') });
  }
  const value = on === 'point' ? figure.value : (figure.interval?.[on] ?? null);
  const passed = ruleHolds({ op, threshold, value });
  const margin = value === null ? null : op === '>=' ? value - threshold : threshold - value;
  return { name, metric, on, op, threshold, value, passed, margin, primary };
}
