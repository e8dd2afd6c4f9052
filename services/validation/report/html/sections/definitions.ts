import type { Report } from '../../schema';
import { html } from '../markup';
import { definitions as list } from '../table';
import type { Section } from './section';

export const definitions: Section = ({ report }) => {
  const { bootstrap, holdout, figures } = report;
  return html`<div class="methods">
    ${list([
      ...sharedDefinitions(figures),
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

/** Figures that are made in the same way stand together, in the order of the first of them. */
function sharedDefinitions(figures: Report['figures']): (readonly [string, string])[] {
  const titles = new Map<string, string[]>();
  for (const { title, definition } of Object.values(figures)) {
    titles.set(definition, [...(titles.get(definition) ?? []), title]);
  }
  return [...titles].map(([definition, names]) => [names.join(' · '), definition]);
}
