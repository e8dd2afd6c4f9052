import { number } from '../../wording';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const multiclass: Section = ({ report }) => {
  const { labels, confusion, perClass } = report.multiclass!;
  return html`<p>
      Everything else in this report sees ${report.model.positiveLabel} against the rest. Here each class stands for
      itself.
    </p>
    ${table(
      [
        { title: 'Class, against the rest' },
        { title: 'Cases', number: true },
        { title: 'ROC AUC', number: true },
        { title: 'Sensitivity', number: true },
        { title: 'PPV', number: true },
      ],
      perClass.map(({ label, n, auc, sensitivity, ppv }) => ({
        cells: [label, n, number(auc), number(sensitivity), number(ppv)],
      })),
    )}
    <h3>Label against most probable class</h3>
    ${table(
      [{ title: 'Label' }, ...labels.map((label) => ({ title: label, number: true }))],
      confusion.map((counts, i) => ({
        cells: [labels[i]!, ...counts.map((n, j) => (i === j ? html`<b>${n}</b>` : n))],
      })),
    )}`;
};
