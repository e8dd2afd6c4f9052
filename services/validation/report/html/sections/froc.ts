import { intervalText, number } from '../../wording';
import { plotFigure } from '../figure';
import { html } from '../markup';
import { table } from '../table';
import type { Section } from './section';

export const froc: Section = ({ report, plots }) => {
  const section = report.froc!;
  const { scans, nodules, nodulesWithoutCandidate, marks, points, resamples, seed } = section;
  const without =
    nodulesWithoutCandidate === 0
      ? 'Each of them has a candidate.'
      : `In ${nodulesWithoutCandidate} of them no candidate lies: a model that only reads candidates cannot find those, and they count as missed.`;
  return html`<p>${scans} scans with ${nodules} nodules. ${without}</p>
    <div class="figures">
      ${plotFigure(plots.froc!, 'FROC curve', `Judged as LUNA16's official evaluation does. Grey: 95 % band, ${resamples} resamples of scans (seed ${seed}). Circles: the seven rates whose mean sensitivity is the CPM.`)}
      <div>
        ${table(
          [{ title: 'FP a scan', number: true }, { title: 'Sensitivity', number: true }, { title: '95 % interval' }],
          points.map((point) => ({
            cells: [rate(point.falsePositivesPerScan), number(point.value), intervalText(point)],
          })),
        )}
        <p class="small">
          ${marks.scored} marks: ${marks.hits} hits, ${marks.falsePositives} false positives, ${marks.ignored} ignored
          (in an excluded finding, or a further mark of a nodule that a better one found), ${marks.dropped} dropped
          beyond the hundred best of their scan.
        </p>
      </div>
    </div>`;
};

function rate(value: number): string {
  return value < 1 ? `1/${Math.round(1 / value)}` : String(value);
}
