import { verdictSentence } from './explain-verdict';
import type { Report } from './schema';
import { intervalText, measuredQuantity, number, signed } from './wording';

const MARKS = { pass: '✅ pass', fail: '❌ **FAIL**', 'not applicable': '➖ not applicable' } as const;

/** The verdict in Markdown, short enough for a pull request: what it rests on, every rule, and how to look further. */
export function summaryMarkdown(report: Report, evidenceDigest: string): string {
  const { verdict, model, holdout, dataset, rules, suite, policy, figures } = report;
  const rows = rules.map((rule) => {
    const { name, op, threshold, value, margin, outcome, endpoint, metric } = rule;
    const interval = figures[metric]?.interval;
    const measured = `${number(value)}${interval && rule.on === 'point' ? ` (${intervalText(interval)})` : ''}`;
    const title = `${cell(name)}${endpoint === null ? '' : ` *(${endpoint} endpoint)*`}<br>${cell(measuredQuantity(rule, report))}`;
    return `| ${MARKS[outcome]} | ${title} | ${measured} | ${op === '>=' ? '≥' : '≤'} ${number(threshold)} | ${signed(margin)} |`;
  });
  return [
    `### ${verdict === 'pass' ? '✅' : '❌'} ${cell(model.name)}: ${cell(verdictSentence(verdict, rules))}`,
    '',
    `> ${report.notice}`,
    '',
    `${holdout.candidates} candidates (${holdout.positives} ${cell(model.positiveLabel)}) of ${holdout.patients} patients held out of ${cell(dataset.name)}.`,
    '',
    '| | Rule | Measured | Required | Margin |',
    '|---|---|--:|--:|--:|',
    ...rows,
    '',
    '<details><summary>What it rests on</summary>',
    '',
    ...[
      ['Model bundle', model.bundle],
      ['Evidence', evidenceDigest],
      [`Suite ${suite.name}`, suite.digest],
      [`Policy ${policy.name}`, policy.digest],
      [`Dataset ${dataset.name}`, dataset.digest],
    ].map(([what, digest]) => `- ${cell(what!)}: \`${digest}\``),
    '',
    '</details>',
    '',
  ].join('\n');
}

/** The same for a validation that was refused before there was a verdict. */
export function refusalMarkdown({ code, message, hint }: { code: string; message: string; hint: string }): string {
  return [`### ❌ Refused before a verdict: \`${code}\``, '', cell(message), '', `*${cell(hint)}*`, ''].join('\n');
}

/** Text that breaks no table and starts no markup. */
function cell(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, (character) => `\\${character}`).replace(/\s*\n\s*/g, ' ');
}
