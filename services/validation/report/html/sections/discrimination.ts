import { html } from '../markup';
import { plotFigure } from '../figure';
import type { Section } from './section';
import { operatingPointText } from './operating-point';

export const discrimination: Section = ({ report, plots }) => {
  const { bootstrap, holdout, model } = report;
  const band = `Grey: point-wise 95 % band, ${bootstrap.resamples} resamples of patients. Circle: the operating point.`;
  return html`<div class="figures">
    ${plotFigure(plots.roc, 'ROC curve', `${band} Dashed: chance.`)}
    ${plotFigure(plots.precisionRecall, 'Precision against recall', `${band} Dashed: the share of ${model.positiveLabel} among the candidates, ${(holdout.positives / holdout.candidates).toFixed(3)}, which calling everything would give.`)}
    ${plotFigure(plots.histograms.positives + plots.histograms.negatives, 'Scores', `Counts on a square-root scale. Dashed: the operating point, ${operatingPointText(report)}.`)}
  </div>`;
};
