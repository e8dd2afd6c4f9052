import { intervalText, number, signed } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const probes: Section = ({ report, plots }) => {
  const { metric, baseline, cases, positives, probes: all } = report.probes!;
  const title = report.figures[metric]?.title ?? metric;
  return html`<p>
      ${title} on ${cases} candidates (${positives} ${report.model.positiveLabel}) as each disturbance grows;
      undisturbed it is ${number(baseline)} (dashed). Grey: the declared range, in which the model must hold. Bars: 95 %
      interval of the paired difference, patients resampled. Calls changed: largest share in the range that the
      operating point calls another way.
    </p>
    <div class="probes">
      ${all.map((probe) => plotFigure(plots.probes.get(probe.name)!, probe.title, `Largest drop ${signed(probe.largestDrop.value)}.`))}
    </div>
    ${table(
      [
        { title: 'Disturbance' },
        { title: 'Declared range' },
        { title: 'Largest drop in it', number: true },
        { title: '95 % interval' },
        { title: 'At' },
        { title: 'Calls changed' },
      ],
      all.map(({ name, title: disturbance, unit, declared, largestDrop, points }) => {
        const changed = report.figures[`probe.${name}.callsChanged`];
        const worst = points.find(({ strength }) => strength === largestDrop.at);
        const named = points.some(({ label }) => label !== null);
        return {
          cells: [
            disturbance,
            named
              ? points.map(({ label }) => label ?? '').join(', ')
              : `${strength(declared.from)} to ${strength(declared.to)} ${unit}`,
            number(largestDrop.value),
            worst ? intervalText(worst.drop) : '–',
            worst?.label ?? `${strength(largestDrop.at)} ${unit}`,
            changed
              ? html`<span class="one"
                  >${number(changed.value)} <small>${changed.interval && intervalText(changed.interval)}</small></span
                >`
              : '–',
          ],
        };
      }),
      'compact',
    )}`;
};

function strength(value: number): string {
  return String(value).replace('-', '−');
}
