import { notMeasured } from '../../outline';
import { html } from '../markup';
import type { Section } from './section';

/** What a reader could take this for, and must not. */
export const limits: Section = ({ report }) => {
  const missing = notMeasured(report);
  const { dataset, holdout, model } = report;
  const external =
    dataset.name === model.trainedOn.dataset
      ? `The holdout comes from the dataset that the model was trained on (${dataset.name}): it says nothing about other hospitals, scanners or times.`
      : `The holdout comes from another dataset (${dataset.name}) than the training (${model.trainedOn.dataset}).`;
  return html`<ul>
    <li>${report.notice}</li>
    <li>${external}</li>
    <li>
      Wilson and DeLong intervals take candidates as independent; candidates of one patient are not quite. The intervals
      over patients do not assume it, but ${holdout.patients} patients bound how fine they can be.
    </li>
    <li>
      Candidates are what a detector proposed: how a model does on scans where nothing was proposed is not
      judged${report.froc ? ', except as misses in the FROC' : null}.
    </li>
    <li>Nothing here is a study of readers with the model, of its effect on care, or of cost.</li>
    ${missing.length > 0 ? html`<li>Not measured in this validation: ${missing.join('; ')}.</li>` : null}
  </ul>`;
};
