import { InvalidArgumentError, Option, type Command } from 'commander';
import type { EvaluateOptions } from '../evaluate-scores';

export function registerEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('Measure labels and scores of any tool, by the definitions of a validation')
    .argument('<scores.csv>', 'a header line, then a line a case: id,label,score[,patient]')
    .option('--id <column>', 'ids, which must not repeat (looked for: id, case, candidate)')
    .option('--label <column>', 'labels, 0 or 1 (looked for: label, class, y_true)')
    .option('--score <column>', 'probabilities of class 1 (looked for: score, probability, y_score)')
    .option('--patient <column>', 'patients, whose cases are resampled together (looked for: patient, patient_id)')
    .addOption(number('--threshold <p>', 'a score from here on is called positive', 0.5, 0, 1))
    .addOption(number('--specificity <share>', 'for the sensitivity at it, and the partial AUC', 0.9, 0.001, 0.999))
    .addOption(number('--bins <n>', 'bins of the reliability curves', 10, 2, 100, true))
    .addOption(number('--resamples <n>', 'of the bootstrap', 2000, 200, 100_000, true))
    .addOption(number('--seed <n>', 'of the bootstrap', 1, 0, 2 ** 32 - 1, true))
    .option('--json', 'print every figure, curve and definition as JSON')
    .addHelpText(
      'after',
      `
Three or more columns probability_<class> are measured as several classes; the labels are then their names.
The scores.csv of a validation's evidence can be read as it is.`,
    )
    .action(async (file: string, options: EvaluateOptions) => {
      const { evaluateScoresFile } = await import('../evaluate-scores.ts');
      await evaluateScoresFile(file, options);
    });
}

function number(flags: string, what: string, otherwise: number, min: number, max: number, whole = false): Option {
  return new Option(flags, what).default(otherwise).argParser((text) => {
    const value = Number(text);
    const good = text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
    if (!good) throw new InvalidArgumentError(`a ${whole ? 'whole number' : 'number'} from ${min} to ${max} expected`);
    return value;
  });
}
