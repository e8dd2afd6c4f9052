import { escapeMarkup } from './escape-markup';
import type { Report } from './schema';
import { comparison, measuredQuantity } from './wording';

/** The rules as JUnit test cases, which every CI system can show. No times: evidence does not say how fast it was. */
export function junitXml(report: Report): string {
  const { rules, suite, notice, model } = report;
  const count = (outcome: string) => rules.filter((rule) => rule.outcome === outcome).length;
  const totals = `tests="${rules.length}" failures="${count('fail')}" errors="0" skipped="${count('not applicable')}"`;
  const cases = rules.map((rule) => {
    const open = `    <testcase classname="${escapeMarkup(model.name)}" name="${escapeMarkup(rule.name)}"`;
    if (rule.outcome === 'pass') return `${open}/>`;
    const tag = rule.outcome === 'fail' ? 'failure' : 'skipped';
    const message = escapeMarkup(`${measuredQuantity(rule, report)} ${comparison(rule)}`);
    return `${open}>\n      <${tag} message="${message}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${notice.replaceAll('--', '—')} -->`,
    `<testsuites ${totals}>`,
    `  <testsuite name="${escapeMarkup(suite.name)}" ${totals}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
