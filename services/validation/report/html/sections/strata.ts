import type { StrataSection } from '../../sections';
import { intervalText, number } from '../../wording';
import { plotFigure } from '../figure';
import { html, type Part } from '../markup';
import { table } from '../table';
import { familyTable } from './figures-table';
import type { Section } from './section';

type Dimension = StrataSection['dimensions'][number];
type Estimate = { value: number; lower: number; upper: number } | null;

export const strata: Section = ({ report, plots }) => {
  const { dimensions, minimumCases, worst } = report.strata!;
  const title = dimensions.find(({ name }) => name === worst?.dimension)?.title ?? worst?.dimension;
  const sentence =
    worst === null
      ? `No level has the ${minimumCases} cases that a conclusion asks for.`
      : html`Worst of the levels with at least ${minimumCases} cases: <b>${title!}, ${worst.label}</b>, ${worst.metric}
          ${number(worst.value)} (n = ${worst.n}).`;
  return html`<p>${sentence}</p>
    ${plotFigure(plots.strata!, 'Each level', 'At the operating point, 95 % intervals, candidates in brackets. Hollow: too few cases to conclude from.', true)}
    ${table(
      [
        { title: 'Level' },
        { title: report.model.positiveLabel, number: true },
        { title: report.model.negativeLabel, number: true },
        { title: 'Sensitivity' },
        { title: 'Specificity' },
        { title: 'ROC AUC' },
      ],
      dimensions.flatMap((dimension) => [
        { heading: heading(dimension, report.model.negativeLabel) },
        ...dimension.levels.map(({ label, positives, negatives, tooFew, sensitivity, specificity, auc }) => ({
          cells: [
            html`${label}${tooFew ? html` <small>${remark(positives + negatives)}</small>` : null}`,
            positives,
            negatives,
            cell(sensitivity),
            cell(specificity),
            cell(auc),
          ],
        })),
      ]),
      'compact',
    )}
    ${familyTable(report, 'Strata')}`;
};

/** What the levels are of; some, such as the diameter, only positives have. */
function heading({ title, ofPositives }: Dimension, negativeLabel: string): string {
  return ofPositives ? `${title}; AUC against every ${negativeLabel}` : title;
}

function remark(cases: number): string {
  return cases === 0 ? 'no case' : 'too few to conclude from';
}

function cell(estimate: Estimate): Part {
  return estimate && html`<span class="one">${number(estimate.value)} <small>${intervalText(estimate)}</small></span>`;
}
