import type { Picture } from '../../../study';
import type { ReportedCandidate } from '../../schema';
import { number } from '../../wording';
import { html, type Markup, trusted } from '../markup';
import type { Section, Sources } from './section';

/** The cases at the wrong ends of the ranking. */
export const errors: Section = (sources) => {
  const { model, lowestPositives, highestNegatives } = sources.report;
  return html`<p class="small">Middle axial slice of the patch, lung window (−1000 to 200 HU); the bar is 10 mm.</p>
    ${strip(sources, `Labelled ${model.positiveLabel}, with the lowest scores`, lowestPositives, 'missed')}
    ${strip(sources, `Labelled ${model.negativeLabel}, with the highest scores`, highestNegatives, 'false alarm')}`;
};

function strip({ pictures }: Sources, title: string, cases: readonly ReportedCandidate[], wrong: string): Markup {
  return html`<div class="keep">
    <h3>${title}</h3>
    <div class="slices">
      ${cases.map(({ id, diameterMm, probability, correct }) => {
        const size = diameterMm === null ? null : `, ${diameterMm.toFixed(1)} mm`;
        return html`<figure>
          ${slicePicture(pictures.get(`candidate/${id}`), id)}
          <figcaption>
            <b>${number(probability)}</b>${size}<br /><code>${id}</code>${correct ? null : html`<br /><b>${wrong}</b>`}
          </figcaption>
        </figure>`;
      })}
    </div>
  </div>`;
}

/** A slice with a bar of 10 mm; a grey field where there is no picture. */
export function slicePicture(picture: Picture | undefined, alt: string): Markup {
  if (!picture) return html`<div class="slice none">no picture</div>`;
  const bar = Math.min(88, 1000 / picture.widthMm).toFixed(1);
  const source = trusted(`data:image/png;base64,${picture.png.toString('base64')}`);
  return html`<div class="slice"><img src="${source}" alt="${alt}" /><i style="width:${bar}%"></i></div>`;
}
