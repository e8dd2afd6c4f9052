import { html, type Markup, type Part } from './markup';

/** A column with its heading; numbers stand right-aligned, one below the other. */
export interface Column {
  title: Part;
  number?: boolean;
}

/** A row: its cells, the first of which names it, and whether it stands out; or the name of the rows below it. */
export type Row = { cells: readonly Part[]; failed?: boolean } | { heading: Part };

/** A table of so few rows is not cut by the end of a page. */
const WHOLE = 8;

/** `compact`: small print, for long lists. */
export function table(columns: readonly Column[], rows: readonly Row[], kind: 'normal' | 'compact' = 'normal'): Markup {
  return html`<table class="${kind}${rows.length <= WHOLE ? ' keep' : null}">
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col" class="${align(column)}">${column.title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => tableRow(columns, row))}
    </tbody>
  </table>`;
}

function tableRow(columns: readonly Column[], row: Row): Markup {
  if ('heading' in row) {
    return html`<tr class="heading">
      <th scope="colgroup" colspan="${columns.length}">${row.heading}</th>
    </tr>`;
  }
  const [first, ...others] = row.cells;
  const cells = others.map((cell, i) => html`<td class="${align(columns[i + 1]!)}">${cell}</td>`);
  return html`<tr${row.failed ? html` class="failed"` : null}><th scope="row" class="${align(columns[0]!)}">${first ?? null}</th>${cells}</tr>`;
}

const align = (column: Column) => (column.number ? 'number' : 'text');

/** Terms and what they are, as two columns. */
export function definitions(entries: readonly (readonly [Part, Part])[]): Markup {
  return html`<dl>
    ${entries.map(
      ([term, text]) =>
        html`<dt>${term}</dt>
          <dd>${text}</dd>`,
    )}
  </dl>`;
}
