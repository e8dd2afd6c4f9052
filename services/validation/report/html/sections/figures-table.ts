import { intervalText, number } from '../../wording';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const figuresTable: Section = ({ report }) =>
  html`${table(
    [{ title: 'Figure' }, { title: 'Estimate', number: true }, { title: '95 % interval' }, { title: 'Based on' }],
    Object.values(report.figures).map(({ title, value, n, of, interval }) => ({
      cells: [
        title,
        number(value),
        interval
          ? html`${intervalText(interval)} <small>${interval.method}</small>`
          : html`<small>${value === null ? 'not defined by these cases' : 'none'}</small>`,
        `${n} ${of}`,
      ],
    })),
  )}`;
