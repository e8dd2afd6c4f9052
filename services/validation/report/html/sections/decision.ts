import { number } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import type { Section } from './section';

export const decision: Section = ({ report, plots }) => {
  const { prevalence } = report.decision!;
  return html`<div class="figures">
    ${plotFigure(plots.decision!, 'Decision curve', `Solid: acting on the model. Long dashes: acting on every candidate. Short dashes: on none. Grey: 95 % band, ${report.bootstrap.resamples} resamples of patients.`)}
    <div>
      <p>
        Net benefit is the share of true positives, minus the share of false positives weighed by the odds of the
        threshold probability: the probability from which a reader would act (Vickers and Elkin, Med Decis Making 2006).
        The model helps where its curve lies above both dashed lines.
      </p>
      <p class="small">
        ${number(prevalence)} of these candidates are ${report.model.positiveLabel}. Net benefit depends on that share:
        where it is another, the curve is another.
      </p>
    </div>
  </div>`;
};
