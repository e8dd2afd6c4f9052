import type { Report } from '../../schema';
import { measuredQuantity, number, signed } from '../../wording';
import { html, type Markup } from '../markup';
import { table } from '../table';

type Rule = Report['rules'][number];

const MARKS = { pass: '✓ pass', fail: '✗ FAIL', 'not applicable': '– n/a' } as const;

/** What a reader wants first: the verdict, and each rule with its value, its bound and its margin. */
export function verdictHeader(report: Report): Markup {
  const { model, holdout, dataset, rules, verdict, holdoutUse, policy } = report;
  const used = holdoutUse === null ? null : html` Model number ${holdoutUse.model} to be judged on this holdout.`;
  return html`<header>
    <h1>Validation of ${model.name}</h1>
    <p class="subtitle">
      ${holdout.candidates} candidates, ${holdout.positives} of them labelled ${model.positiveLabel}, from
      ${holdout.patients} patients held out of the dataset ${dataset.name}.${used}
    </p>
    <div class="verdict ${verdict}">
      <strong>${verdict.toUpperCase()}</strong>
      <p>${sentence(rules)}</p>
    </div>
    ${table(
      [
        { title: 'Result' },
        { title: 'Rule' },
        { title: 'Measured', number: true },
        { title: 'Required', number: true },
        { title: 'Margin', number: true },
      ],
      rules.map((rule) => ({ cells: ruleCells(rule, report), failed: rule.outcome === 'fail' })),
    )}
    <p class="small">
      Rules of the policy ${policy.name}, fixed before the holdout was scored; each must hold, none is weighed against
      another. Margin: how far the value lies on the right side.
    </p>
  </header>`;
}

function sentence(rules: readonly Rule[]): string {
  const failed = rules.filter(({ outcome }) => outcome === 'fail').length;
  const skipped = rules.filter(({ outcome }) => outcome === 'not applicable').length;
  const asked = rules.length - skipped;
  const aside = skipped === 0 ? '' : ` ${skipped} not applicable: there is no champion to compare with.`;
  return `${failed === 0 ? `All ${asked} rules hold.` : `${failed} of ${asked} rules failed.`}${aside}`;
}

function ruleCells(rule: Rule, report: Report) {
  const endpoint = rule.endpoint && html` <small class="endpoint">${rule.endpoint} endpoint</small>`;
  return [
    html`<span class="mark ${rule.outcome === 'not applicable' ? 'none' : rule.outcome}">${MARKS[rule.outcome]}</span>`,
    html`${rule.name}${endpoint}<br /><small>${measuredQuantity(rule, report)}</small>`,
    number(rule.value),
    `${rule.op === '>=' ? '≥' : '≤'} ${number(rule.threshold)}`,
    signed(rule.margin),
  ];
}
