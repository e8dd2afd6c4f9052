import type { Report } from './schema';
import { comparison, measuredQuantity } from './wording';

type Rule = Report['rules'][number];

const MARKS = { pass: 'pass', fail: 'FAIL', 'not applicable': 'n/a ' } as const;
const ORDER = ['fail', 'not applicable', 'pass'] as const;

/**
 * The verdict in a few plain lines, for a terminal, a log or a pull request: the notice on the data, then every
 * rule with its value and margin, failed rules first, then the one line that decides. `outcomes` leaves out rules that
 * came out otherwise.
 */
export function explainVerdict(report: Report, outcomes: readonly Rule['outcome'][] = ORDER): string[] {
  const { holdout, model, rules } = report;
  return [
    report.notice,
    `${model.name} on ${holdout.candidates} candidates (${holdout.positives} ${model.positiveLabel}) of ${holdout.patients} patients held out:`,
    ...outcomes
      .flatMap((outcome) => rules.filter((rule) => rule.outcome === outcome))
      .map((rule) => `  ${MARKS[rule.outcome]}  ${rule.name}: ${measuredQuantity(rule, report)} ${comparison(rule)}`),
    verdictSentence(report.verdict, rules),
  ];
}

/** `PASS: all 5 rules hold.` */
export function verdictSentence(verdict: Report['verdict'], rules: readonly Rule[]): string {
  const failed = rules.filter(({ outcome }) => outcome === 'fail');
  const skipped = rules.filter(({ outcome }) => outcome === 'not applicable').length;
  const aside =
    skipped === 0 ? '' : ` ${skipped} ${skipped === 1 ? 'was' : 'were'} not applicable: there is no champion.`;
  const asked = rules.length - skipped;
  if (failed.length === 0) return `${verdict.toUpperCase()}: all ${asked} rules hold.${aside}`;
  return `FAIL: ${failed.length} of ${asked} rules failed (${failed.map(({ name }) => name).join('; ')}).${aside}`;
}
