import { escapeMarkup } from './escape-markup';
import type { Report } from './schema';
import { comparison, measuredQuantity } from './wording';

/** The rules as JUnit test cases, which every CI system can show. No times: evidence does not say how fast it was. */
export function junitXml(report: Report): string {
  const { rules, suite, notice, model } = report;
  const failures = rules.filter(({ passed }) => !passed).length;
  const cases = rules.map((rule) => {
    const open = `    <testcase classname="${escapeMarkup(model.name)}" name="${escapeMarkup(rule.name)}"`;
    if (rule.passed) return `${open}/>`;
    const message = escapeMarkup(`${measuredQuantity(rule, report)} ${comparison(rule)}`);
    return `${open}>\n      <failure message="${message}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${notice} -->`,
    `<testsuites tests="${rules.length}" failures="${failures}">`,
    `  <testsuite name="${escapeMarkup(suite.name)}" tests="${rules.length}" failures="${failures}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
