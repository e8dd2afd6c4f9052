import { number } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import type { Section } from './section';

export const calibration: Section = ({ report, plots }) => {
  const { equalWidth, equalMass, brierParts, temperature } = report.calibration;
  const scaled =
    temperature === null
      ? 'The scores are the softmax of the model as it was trained: no temperature was fitted.'
      : `The bundle divides its logits by a temperature of ${number(temperature)}, fitted on the validation split, before the softmax; all figures are of the scores after that.`;
  const parts =
    brierParts &&
    html`<p>
      The Brier score is the sum of reliability ${number(brierParts.reliability)} (less is better), minus resolution
      ${number(brierParts.resolution)} (more is better), plus uncertainty ${number(brierParts.uncertainty)} (of the
      cases, whatever the model), plus ${number(brierParts.withinBins)} within the bins (Murphy 1973; Stephenson 2008).
    </p>`;
  return html`<div class="figures">
      ${plotFigure(plots.reliability, 'Reliability, bins of equal width', `${equalWidth.length} bins, the number of cases above each, Wilson intervals. Dashed: perfect calibration.`)}
      ${plotFigure(plots.reliabilityEqualMass, 'Reliability, bins of equal mass', `${equalMass.length} bins of about as many cases each, Wilson intervals.`)}
    </div>
    <p>${scaled}</p>
    ${parts}`;
};
