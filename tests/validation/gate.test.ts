import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { explainVerdict, summaryMarkdown, refusalMarkdown } from '../../services/validation';
import { junitXml } from '../../services/validation/report/junit';
import type { Report } from '../../services/validation';
import { madeReport } from './made-report';

interface TestCase {
  name: string;
  failure?: { message: string };
  skipped?: { message: string };
}

function testCasesOf(report: Report): { suite: Record<string, string>; cases: TestCase[] } {
  const xml = junitXml(report);
  expect(XMLValidator.validate(xml)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => name === 'testcase',
  });
  const { testsuites } = parser.parse(xml) as {
    testsuites: { testsuite: Record<string, string> & { testcase: TestCase[] } };
  };
  return { suite: testsuites.testsuite, cases: testsuites.testsuite.testcase };
}

test('JUnit lists every rule: those that hold, those that fail with the value, those that were not applicable as skipped', () => {
  const report = madeReport();
  const { suite, cases } = testCasesOf(report);
  expect(new Set(report.rules.map(({ outcome }) => outcome))).toEqual(new Set(['pass', 'fail', 'not applicable']));
  expect(cases.map(({ name }) => name)).toEqual(report.rules.map(({ name }) => name));
  cases.forEach((testCase, i) => {
    const { outcome } = report.rules[i]!;
    expect([testCase.failure !== undefined, testCase.skipped !== undefined]).toEqual([
      outcome === 'fail',
      outcome === 'not applicable',
    ]);
  });
  const count = (outcome: string) => report.rules.filter((rule) => rule.outcome === outcome).length;
  expect(suite).toMatchObject({
    tests: String(report.rules.length),
    failures: String(count('fail')),
    skipped: String(count('not applicable')),
    errors: '0',
  });
  expect(cases.find(({ skipped }) => skipped)!.skipped!.message).toContain('there is no champion');
});

test('JUnit stays XML whatever stands in the names of rules and models', () => {
  const report = madeReport({ hostile: true });
  expect(testCasesOf({ ...report, notice: 'a -- b --> c' }).cases).toHaveLength(report.rules.length);
});

test('the summary for a pull request is one table whose rows are the rules, with nothing that a name could break', () => {
  const report = madeReport({ hostile: true });
  const text = summaryMarkdown(report, 'sha256:0');
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| | '));
  expect(rows).toHaveLength(report.rules.length);
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(6);
  expect(text.replaceAll(/<\/?(br|details|summary)>/g, '').replaceAll(/\\./g, '')).not.toMatch(/<\w|<\//);
  expect(text).toContain(report.policy.digest);
  expect(text.split('\n')[2]).toBe(`> ${report.notice}`);
});

test('a refusal has a summary too, with its code and its way out', () => {
  const text = refusalMarkdown({ code: 'VALIDATION_LEAK', message: 'saw <b>', hint: 'Train again.' });
  expect(text).toMatch(/`VALIDATION_LEAK`[\s\S]*saw \\<b\\>[\s\S]*Train again\./);
});

test('a verdict says in its last line what failed and what was not asked', () => {
  const report = madeReport();
  const failed = report.rules.filter(({ outcome }) => outcome === 'fail');
  const skipped = report.rules.filter(({ outcome }) => outcome === 'not applicable');
  const asked = report.rules.length - skipped.length;
  expect(explainVerdict(report).at(-1)).toBe(
    `FAIL: ${failed.length} of ${asked} rules failed (${failed.map(({ name }) => name).join('; ')}). ${skipped.length} was not applicable: there is no champion.`,
  );
});
