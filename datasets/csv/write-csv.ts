/** A CSV file's text: a header line and rows, quoted where they must be (RFC 4180). */
export function toCsv(header: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  const lines = [header.map(quote).join(',')];
  for (const row of rows) lines.push(row.map((cell) => quote(cell === null ? '' : String(cell))).join(','));
  return `${lines.join('\n')}\n`;
}

function quote(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
