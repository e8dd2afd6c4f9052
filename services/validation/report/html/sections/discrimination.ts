import { plotFigure } from '../figure';
import { html } from '../markup';
import type { Section } from './section';

export const discrimination: Section = ({ report, plots }) => {
  const { bootstrap, holdout, model } = report;
  const band = `Grey: point-wise 95 % band, ${bootstrap.resamples} resamples of patients. Circle: the operating point.`;
  const prevalence = (holdout.positives / holdout.candidates).toFixed(3);
  return html`<div class="figures">
    ${plotFigure(plots.roc, 'ROC curve', `${band} Dashed: chance.`)}
    ${plotFigure(plots.precisionRecall, 'Precision against recall', `${band} Dashed: the share of ${model.positiveLabel} among the candidates, ${prevalence}, which calling everything would give.`)}
  </div>`;
};
