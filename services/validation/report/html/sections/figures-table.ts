import type { Report } from '../../schema';
import { intervalText, number } from '../../wording';
import { html } from '../markup';
import { type Row, table } from '../table';
import type { Section } from './section';

type Figures = Report['figures'];

/** Which figures stand together: by their whole name, or by what comes before its first dot. */
const FAMILIES: Record<string, readonly string[]> = {
  Discrimination: ['auc', 'aucByPatient', 'partialAuc', 'averagePrecision', 'sensitivityAtSpecificity'],
  'At the operating point': ['sensitivity', 'specificity', 'ppv', 'npv', 'f1', 'mcc', 'accuracy', 'balancedAccuracy'],
  Calibration: ['ece', 'eceEqualMass', 'brier', 'calibrationSlope', 'calibrationIntercept'],
  'Clinical utility': ['netBenefit'],
  Detection: ['froc'],
  'All classes': ['multiclass'],
  Strata: ['strata'],
  'Against the champion': ['champion'],
  Robustness: ['probe'],
};
const OTHERS = 'Repeatability and budgets';

export const figuresTable: Section = ({ report }) =>
  table(
    [{ title: 'Figure' }, { title: 'Estimate', number: true }, { title: '95 % interval' }, { title: 'Based on' }],
    byFamily(report.figures).flatMap(([family, figures]) => [{ heading: family }, ...figures.map(figureRow)]),
  );

function byFamily(figures: Figures): [string, Figures[string][]][] {
  const families = new Map<string, Figures[string][]>([...Object.keys(FAMILIES), OTHERS].map((family) => [family, []]));
  for (const [name, figure] of Object.entries(figures)) families.get(familyOf(name))!.push(figure);
  return [...families].filter(([, members]) => members.length > 0);
}

function familyOf(name: string): string {
  const found = Object.entries(FAMILIES).find(
    ([, names]) => names.includes(name) || names.includes(name.split('.')[0]!),
  );
  return found?.[0] ?? OTHERS;
}

function figureRow({ title, value, n, of, interval }: Figures[string]): Row {
  const none = html`<small>${value === null ? 'not defined by these cases' : 'none'}</small>`;
  const bounds = interval ? html`${intervalText(interval)} <small>${interval.method}</small>` : none;
  return { cells: [title, number(value), bounds, `${n} ${of}`] };
}
