import { html, type Markup, type Part, trusted } from './markup';

/** A plot with what it shows; `alt` is read to those who cannot see it. */
export function plotFigure(svg: string, title: string, caption: Part, wide = false): Markup {
  const labelled = svg.replaceAll('<svg ', '<svg role="img" ');
  return html`<figure${wide ? html` class="wide"` : null} aria-label="${title}">${trusted(labelled)}<figcaption><b>${title}.</b> ${caption}</figcaption></figure>`;
}
