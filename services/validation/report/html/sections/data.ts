import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const data: Section = ({ report }) => {
  const { model, dataset, holdout, operatingPoint, holdoutUse } = report;
  const { trainedOn } = model;
  const candidates = (positives: number, negatives: number) =>
    `${positives} ${model.positiveLabel}, ${negatives} ${model.negativeLabel}`;
  const use =
    holdoutUse &&
    html`<p>
      This is model number ${holdoutUse.model} that was judged on this holdout, under ${holdoutUse.suites}
      ${holdoutUse.suites === 1 ? 'suite' : 'suites'} so far.
      ${
        holdoutUse.model === 1
          ? 'No choice was made on it before.'
          : 'Each earlier look makes the next figure a little less independent: choosing among models by their figures here would need a fresh holdout.'
      }
    </p>`;
  return html`${table(
      [{ title: 'Used for' }, { title: 'Dataset' }, { title: 'Patients', number: true }, { title: 'Candidates' }],
      [
        { cells: ['training', trainedOn.dataset, trainedOn.trainingPatients, 'in the run of the training'] },
        {
          cells: [
            'choosing the epoch and fixing the operating point',
            trainedOn.dataset,
            trainedOn.validationPatients,
            candidates(operatingPoint.positives, operatingPoint.negatives),
          ],
        },
        {
          cells: [
            html`<b>holdout: everything in this report</b>`,
            dataset.name,
            holdout.patients,
            candidates(holdout.positives, holdout.negatives),
          ],
        },
      ],
    )}
    <p>
      The holdout's ${holdout.series} series share no patient with training or validation, and none of them stands there
      under another name: the gate compares patients and the content of the scans, and refuses otherwise.
    </p>
    ${use}`;
};
