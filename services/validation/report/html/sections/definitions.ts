import { html } from '../markup';
import { definitions as list } from '../table';
import type { Section } from './section';

export const definitions: Section = ({ report }) => {
  const { bootstrap, holdout, figures } = report;
  return html`<div class="methods">
    ${list([
      ...Object.values(figures).map(({ title, definition }) => [title, definition] as const),
      [
        'Bootstrap',
        `${bootstrap.resamples} resamples of ${holdout.patients} patients, seed ${bootstrap.seed}; bounds are order statistics. With few patients such an interval is coarse.`,
      ],
      [
        'Interval',
        '95 %, two-sided, by the method that stands beside it; nothing is corrected for looking at many figures unless it says so.',
      ],
    ])}
  </div>`;
};
