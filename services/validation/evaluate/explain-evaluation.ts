import type { Figure } from '../figure';
import type { Evaluation } from './evaluate-scores';

/** An evaluation in lines for a terminal: what it rests on, then every figure with its interval. */
export function explainEvaluation(evaluation: Evaluation): string[] {
  const { cases, classes, patients, threshold, bootstrap, figures } = evaluation;
  const counts = classes.map(({ label, n }) => `${n} of class ${label}`).join(', ');
  const rows = Object.values(figures).map((figure) => [
    figure.title,
    shown(figure.value),
    intervalOf(figure),
    `${figure.n} ${figure.of}`,
    figure.interval?.method ?? '',
  ]);
  const table = align([['', 'value', '95 % interval', 'n', 'interval by'], ...rows]);
  return [
    `${cases} cases (${counts})${patients === null ? '' : ` of ${patients} patients`}` +
      (threshold === null ? '' : `; called positive from ${threshold}`),
    ...(patients === null ? ['No column of patients: each case was taken as independent of the others.'] : []),
    ...(evaluation.idsChecked ? [] : ['No column of ids: a case that stands twice would not be found.']),
    `Bootstrap: ${bootstrap.resamples} resamples, seed ${bootstrap.seed}.`,
    '',
    ...table,
  ];
}

function shown(value: number | null): string {
  return value === null ? 'not defined' : value.toFixed(4);
}

function intervalOf({ interval }: Figure): string {
  return interval === null ? '' : `${shown(interval.lower)} … ${shown(interval.upper)}`;
}

function align(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
