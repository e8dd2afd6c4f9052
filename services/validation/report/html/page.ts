import { outlineOf, type Heading, type SectionId } from '../outline';
import type { Report } from '../schema';
import { html, type Markup, trusted } from './markup';
import { calibration } from './sections/calibration';
import { champion } from './sections/champion';
import { checklists } from './sections/checklists';
import { checks } from './sections/checks';
import { data } from './sections/data';
import { decision } from './sections/decision';
import { definitions } from './sections/definitions';
import { discrimination } from './sections/discrimination';
import { errors } from './sections/errors';
import { explanations } from './sections/explanations';
import { figuresTable } from './sections/figures-table';
import { froc } from './sections/froc';
import { limits } from './sections/limits';
import { operatingPoint } from './sections/operating-point';
import { probes } from './sections/probes';
import { provenance } from './sections/provenance';
import type { Section, Sources } from './sections/section';
import { strata } from './sections/strata';
import { verdictHeader } from './sections/verdict';
import { stylesFor } from './styles';

const SECTIONS: Record<SectionId, Section> = {
  figures: figuresTable,
  discrimination,
  'operating-point': operatingPoint,
  froc,
  calibration,
  decision,
  strata,
  champion,
  probes,
  errors,
  explanations,
  data,
  checks,
  definitions,
  limits,
  provenance,
  checklists,
};

/** report.html: one file that needs nothing else, for a screen and for paper of any size. */
export function reportPage(sources: Sources): string {
  const { report } = sources;
  const outline = outlineOf(report);
  const title = `${report.verdict.toUpperCase()}: validation of ${report.model.name}`;
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${trusted(stylesFor(footer(report)))}
        </style>
      </head>
      <body>
        <p class="notice">${report.notice}</p>
        ${verdictHeader(report)} ${contents(outline)}
        <main>${outline.map((heading) => section(heading, SECTIONS[heading.id](sources)))}</main>
      </body>
    </html> `.text;
}

function section({ id, number, title }: Heading, body: Markup): Markup {
  return html`<section id="${id}">
    <h2><span class="sn">${number}</span>${title}</h2>
    ${body}
  </section>`;
}

/** Links, which help on a screen alone: on paper they do not appear. */
function contents(outline: readonly Heading[]): Markup {
  return html`<nav aria-label="Contents">
    <ol>
      ${outline.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
    </ol>
  </nav>`;
}

/** Stands at the foot of each printed page, so that a page that was copied alone still says what it is. */
function footer({ model, verdict, dataset }: Report): string {
  return `${model.name}: ${verdict.toUpperCase()}${dataset.synthetic ? ' (phantom data)' : ''} · ${model.bundle.slice(0, 19)}`;
}
