import type { Report } from '../../schema';
import { number } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const operatingPoint: Section = ({ report, plots }) => {
  const { model, discrimination } = report;
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = discrimination.confusion;
  const { positives, negatives } = plots.histograms;
  return html`<div class="figures">
    ${plotFigure(positives + negatives, 'Scores', `Counts on a square-root scale. Dashed: the operating point, ${operatingPointText(report)}.`)}
    <div>
      <p>${operatingPointSentence(report)}</p>
      ${table(
        [
          { title: 'Label' },
          { title: `Called ${model.positiveLabel}`, number: true },
          { title: 'Not called', number: true },
          { title: 'Together', number: true },
        ],
        [
          { cells: [model.positiveLabel, truePositives, falseNegatives, truePositives + falseNegatives] },
          { cells: [model.negativeLabel, falsePositives, trueNegatives, falsePositives + trueNegatives] },
        ],
      )}
    </div>
  </div>`;
};

/** `0.310`, or that it lies above every score. */
function operatingPointText({ operatingPoint: { threshold } }: Report): string {
  return threshold > 1 ? 'above every score' : number(threshold);
}

/** What is called positive, and on what that was fixed. */
function operatingPointSentence({ operatingPoint, model }: Report): string {
  const { threshold, targetSpecificity, positives, negatives } = operatingPoint;
  const { negativeLabel, positiveLabel } = model;
  const basis = `the validation split (${positives} ${positiveLabel}, ${negatives} ${negativeLabel}), never on the holdout`;
  if (threshold > 1)
    return `No threshold finds any ${positiveLabel} at a specificity of ${targetSpecificity} on ${basis}, so nothing is called.`;
  return `A candidate is called ${positiveLabel} from a score of ${number(threshold)}: the threshold that keeps a specificity of ${targetSpecificity} on ${basis}.`;
}
