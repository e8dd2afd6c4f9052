import { escapeMarkup } from '../escape-markup';

/** Text that is markup. Only `html` and `trusted` make it, so that nothing enters a page unescaped by accident. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text and numbers are escaped, markup stands as it is, null is nothing. */
export type Part = Markup | string | number | null | readonly Part[];

/** ``html`<b>${text}</b>` `` escapes the text. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(strings.reduce((text, string, i) => text + rendered(parts[i - 1] ?? null) + string));
}

/** Markup from a program that has escaped what is in it, such as the SVG of Vega. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** Parts with a separator between them. */
export function joined(parts: readonly Part[], separator: string): Markup {
  return new Markup(parts.map(rendered).join(rendered(separator)));
}

function rendered(part: Part): string {
  if (part === null) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(rendered).join('\n');
  return escapeMarkup(String(part));
}
