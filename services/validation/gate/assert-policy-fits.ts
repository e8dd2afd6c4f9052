import { closest } from 'fastest-levenshtein';
import { validationError } from '../errors';
import type { Suite } from '../suite';
import { figuresOf, missingKeyOf } from './figure-catalogue';
import { assertPolicyOfSuite, type Policy } from './policy';
import { rulesOf } from './rules';
import { unknownMetric } from './unknown-metric';

/**
 * What can be known of a suite and its policy from the two files alone, before anything is trained or scored: they are
 * for the same model; every rule and every endpoint is about a figure that the suite measures; no two rules share a
 * name; the change control plan rests on rules that there are.
 *
 * @throws VALIDATION_POLICY_OF_OTHER_MODEL, VALIDATION_METRIC_NOT_ASKED, VALIDATION_METRIC_UNKNOWN,
 *   VALIDATION_RULE_TWICE, VALIDATION_PLAN_RULE_UNKNOWN
 */
export function assertPolicyFits(suite: Suite, policy: Policy): void {
  assertPolicyOfSuite(policy, suite);
  const rules = rulesOf(suite, policy);
  for (const { name, metric } of rules) assertMeasured(suite, `rule "${name}"`, metric);
  for (const metric of suite.secondary) assertMeasured(suite, 'the list of secondary endpoints', metric);
  const names = rules.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw validationError('VALIDATION_RULE_TWICE', { rule: twice, policy: policy.name });
  for (const { what, caughtBy } of policy.changeControl?.modifications ?? []) {
    const unknown = caughtBy.find((rule) => !names.includes(rule));
    if (unknown === undefined) continue;
    const details = { what, rule: unknown, nearest: closest(unknown, names), known: names.join('; ') };
    throw validationError('VALIDATION_PLAN_RULE_UNKNOWN', details);
  }
}

function assertMeasured(suite: Suite, who: string, metric: string): void {
  const known = Object.keys(figuresOf(suite));
  if (known.includes(metric)) return;
  const key = missingKeyOf(metric, suite);
  if (key === undefined) throw unknownMetric(who, metric, known);
  throw validationError('VALIDATION_METRIC_NOT_ASKED', { who, metric, key, suite: suite.name });
}
