import { html, type Markup, type Part } from './markup';

/** A column with its heading; numbers stand right-aligned, one below the other. */
export interface Column {
  title: Part;
  number?: boolean;
}

/** A row: its cells, the first of which names it, and whether it stands out. */
export interface Row {
  cells: readonly Part[];
  failed?: boolean;
}

/** `compact`: small print, for long lists at the end. */
export function table(columns: readonly Column[], rows: readonly Row[], kind: 'normal' | 'compact' = 'normal'): Markup {
  const of = (column: Column) => (column.number ? 'number' : 'text');
  return html`<table class="${kind}">
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col" class="${of(column)}">${column.title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(({ cells, failed }) => {
        const [first, ...others] = cells;
        return html`<tr${failed ? html` class="failed"` : null}><th scope="row" class="${of(columns[0]!)}">${first ?? null}</th>${others.map((cell, i) => html`<td class="${of(columns[i + 1]!)}">${cell}</td>`)}</tr>`;
      })}
    </tbody>
  </table>`;
}

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
