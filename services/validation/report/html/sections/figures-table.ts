import { outlineOf } from '../../outline';
import type { Report } from '../../schema';
import { intervalText, number } from '../../wording';
import { html, joined, type Markup } from '../markup';
import { type Row, table } from '../table';
import type { Section } from './section';

type Figures = Report['figures'];

/** Which figures stand together: by their whole name, or by what comes before its first dot. */
const FAMILIES = {
  Discrimination: ['auc', 'aucByPatient', 'partialAuc', 'averagePrecision', 'sensitivityAtSpecificity'],
  'At the operating point': ['sensitivity', 'specificity', 'ppv', 'npv', 'f1', 'mcc', 'accuracy', 'balancedAccuracy'],
  Calibration: ['ece', 'eceEqualMass', 'brier', 'calibrationSlope', 'calibrationIntercept'],
  'Clinical utility': ['netBenefit'],
  Detection: ['froc'],
  Strata: ['strata'],
  'Against the champion': ['champion'],
  'Robustness to worse pictures': ['probe'],
  'Repeatability and budgets': ['goldenCaseDifference', 'determinism', 'budget'],
} as const;
type Family = keyof typeof FAMILIES | 'Others';

/** Families of many figures stand in their own sections; here only what sums them up. */
const ELSEWHERE: Partial<Record<Family, string>> = {
  Detection: 'froc.cpm',
  Strata: 'strata.worst.sensitivity',
  'Robustness to worse pictures': '',
};
const COLUMNS = [
  { title: 'Figure' },
  { title: 'Estimate', number: true },
  { title: '95 % interval' },
  { title: 'Based on' },
];

export const figuresTable: Section = ({ report }) => {
  const families = byFamily(report.figures);
  const rows = families.flatMap(([family, members]) => {
    const shown = members.filter(([name]) => !(family in ELSEWHERE) || ELSEWHERE[family] === name);
    return shown.length === 0 ? [] : [{ heading: family }, ...shown.map(([, figure]) => figureRow(figure))];
  });
  const further = outlineOf(report).filter(({ id }) => id === 'froc' || id === 'strata' || id === 'probes');
  const links = further.map(({ id, number: n, title }) => html`<a href="#${id}">${`${n} ${title}`}</a>`);
  return html`${table(COLUMNS, rows)}
  ${links.length === 0 ? null : html`<p class="small">Further figures stand in their sections: ${joined(links, '; ')}.</p>`}`;
};

/** All figures of a family in small print, for the section that they belong to. */
export function familyTable({ figures }: Report, family: Family): Markup {
  const members = byFamily(figures).find(([name]) => name === family)?.[1] ?? [];
  return table(
    COLUMNS,
    members.map(([, figure]) => figureRow(figure)),
    'compact',
  );
}

function byFamily(figures: Figures): [Family, [string, Figures[string]][]][] {
  const names: Family[] = [...(Object.keys(FAMILIES) as Family[]), 'Others'];
  return names
    .map((family): [Family, [string, Figures[string]][]] => [
      family,
      Object.entries(figures).filter(([name]) => familyOf(name) === family),
    ])
    .filter(([, members]) => members.length > 0);
}

function familyOf(name: string): Family {
  const prefix = name.split('.')[0]!;
  const found = Object.entries<readonly string[]>(FAMILIES).find(
    ([, names]) => names.includes(name) || names.includes(prefix),
  );
  return (found?.[0] as Family | undefined) ?? 'Others';
}

function figureRow({ title, value, n, of, interval }: Figures[string]): Row {
  const none = html`<small>${value === null ? 'not defined by these cases' : 'none'}</small>`;
  const bounds = interval ? html`${intervalText(interval)} <small>${interval.method}</small>` : none;
  return { cells: [title, number(value), bounds, `${n} ${of}`] };
}
