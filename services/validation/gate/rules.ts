import { ruleHolds, type GateRule } from 'model-bundle';
import type { MetricName, RuleBound, Suite, SuiteRule } from '../suite';

/** A figure with what it rests on. `interval` is 95 %, and null where a figure is exact. */
export interface Figure {
  value: number;
  /** How many of what: candidates, nodules, golden cases. */
  n: number;
  interval: { lower: number; upper: number; method: string } | null;
}

/** A rule with how it came out; `margin` is how far on the right side the value lies (negative: it failed). */
export interface RuleResult extends GateRule {
  on: RuleBound;
  margin: number;
  primary: boolean;
}

/**
 * Applies every rule of the suite, the primary criterion first and the replay of the golden cases last.
 * The verdict is `pass` when all of them hold; there is no weighing of one against another.
 */
export function judge(
  suite: Suite,
  figures: Record<MetricName, Figure>,
  goldenCases: Figure,
): { verdict: 'pass' | 'fail'; rules: RuleResult[] } {
  const rules = [
    applyRule(suite.primary, figures[suite.primary.metric], true),
    ...suite.rules.map((rule) => applyRule(rule, figures[rule.metric], false)),
    applyRule(
      {
        name: 'golden cases give the same answer',
        metric: 'goldenCaseDifference',
        on: 'point',
        op: '<=',
        threshold: suite.goldenCases.tolerance,
      },
      goldenCases,
      false,
    ),
  ];
  return { verdict: rules.every(({ passed }) => passed) ? 'pass' : 'fail', rules };
}

function applyRule(
  { name, metric, on, op, threshold }: Omit<SuiteRule, 'metric'> & { metric: string },
  figure: Figure,
  primary: boolean,
): RuleResult {
  const value = on === 'point' ? figure.value : (figure.interval ?? { lower: NaN, upper: NaN })[on];
  const passed = ruleHolds({ name, metric, op, threshold, value, passed: false });
  return {
    name,
    metric,
    on,
    op,
    threshold,
    value,
    passed,
    margin: op === '>=' ? value - threshold : threshold - value,
    primary,
  };
}
