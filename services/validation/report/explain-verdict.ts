import type { Report } from './schema';
import { comparison, measuredQuantity } from './wording';

/**
 * The verdict in a few plain lines, for a terminal, a log or a pull request: the notice on the data, then every
 * rule with its value and margin, failed rules first, then the one line that decides.
 */
export function explainVerdict(report: Report): string[] {
  const failed = report.rules.filter(({ passed }) => !passed);
  const passed = report.rules.filter((rule) => rule.passed);
  const { holdout, model, rules } = report;
  return [
    report.notice,
    `${model.name} on ${holdout.candidates} candidates (${holdout.positives} ${model.positiveLabel}) of ${holdout.patients} patients held out:`,
    ...[...failed, ...passed].map(
      (rule) =>
        `  ${rule.passed ? 'pass' : 'FAIL'}  ${rule.name}: ${measuredQuantity(rule, report)} ${comparison(rule)}`,
    ),
    failed.length === 0
      ? `PASS: all ${rules.length} rules hold.`
      : `FAIL: ${failed.length} of ${rules.length} rules failed (${failed.map(({ name }) => name).join('; ')}).`,
  ];
}
