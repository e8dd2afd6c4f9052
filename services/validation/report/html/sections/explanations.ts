import { number, signed } from '../../wording';
import { html } from '../markup';
import { slicePicture } from './errors';
import type { Section } from './section';

export const explanations: Section = ({ report, pictures }) => {
  const { method, cases } = report.explanations!;
  return html`<p>
      ${method} Solid, warm contours: the log-odds fall where a block is covered; dotted, cold ones: they rise. A
      picture like this shows where the score comes from, not whether that is for a good reason.
    </p>
    <div class="slices">
      ${cases.map(({ id, label, diameterMm, probability, correct, dropAtCentre, peakDistanceMm }) => {
        const size = diameterMm === null ? null : `, ${diameterMm.toFixed(1)} mm`;
        return html`<figure>
          ${slicePicture(pictures.get(`explanation/${id}`), id)}
          <figcaption>
            <b>${correct ? 'right' : 'wrong'}: ${number(probability)}</b><br />${label}${size}<br />centre covered:
            ${signed(-dropAtCentre)}<br />peak ${peakDistanceMm.toFixed(1)} mm off<br /><code>${id}</code>
          </figcaption>
        </figure>`;
      })}
    </div>`;
};
