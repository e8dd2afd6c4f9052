export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --error: #c62828; --warning: #b26a00; --note: #557; }
@media (prefers-color-scheme: dark) { :root { --error: #ff7b72; --warning: #e3b341; --note: #9db; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 96rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .5rem; }
.verdict { font-size: 1.1rem; font-weight: 600; margin: .3rem 0 1rem; }
.verdict.error { color: var(--error); } .verdict.warning { color: var(--warning); }
table { border-collapse: collapse; } th, td { padding: .25rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
table.subsets td:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
#scans { width: 100%; font-size: .85rem; } #scans th[tabindex] { cursor: pointer; user-select: none; white-space: nowrap; }
#scans thead { position: sticky; top: 0; background: Canvas; } #scans td:nth-child(2) { max-width: 22rem; overflow-wrap: anywhere; }
th[aria-sort=ascending]::after { content: ' ▲'; } th[aria-sort=descending]::after { content: ' ▼'; }
img { display: block; background: #000; min-width: 64px; } .none { color: var(--error); }
.badge { color: #fff; border-radius: .3rem; padding: 0 .4rem; font-size: .78rem; background: #557; }
.badge.error { background: #c62828; } .badge.warning { background: #9a5b00; }
details { margin: .4rem 0; } summary { cursor: pointer; } details table { margin: .4rem 0 .8rem 1.2rem; font-size: .85rem; }
td { overflow-wrap: anywhere; } #scans td:nth-child(n+3):nth-last-child(n+2) { white-space: nowrap; } input, select { font: inherit; }
`;

/** Sorts by the column whose head is clicked, and shows the scans that a person asks for. */
export const PAGE_SCRIPT = `
const table = document.getElementById('scans');
const body = table.tBodies[0];
const rows = [...body.rows];
const heads = [...table.tHead.rows[0].cells];
const filter = document.getElementById('filter');
const severity = document.getElementById('severity');
function show() {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const wanted = { error: ['error'], warning: ['error', 'warning'] }[severity.value];
  let count = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const visible = words.every((word) => text.includes(word)) && (!wanted || wanted.includes(row.dataset.severity));
    row.hidden = !visible;
    count += visible ? 1 : 0;
  }
  document.getElementById('shown').textContent = count + ' of ' + rows.length;
}
function sortBy(column) {
  const head = heads[column];
  const down = head.getAttribute('aria-sort') !== 'descending';
  for (const each of heads) each.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  const key = (row) => Number(row.cells[column].dataset.sort);
  const order = (a, b) => key(a) - key(b) || a.cells[column].textContent.localeCompare(b.cells[column].textContent);
  rows.sort((a, b) => (down ? -order(a, b) : order(a, b)));
  body.append(...rows);
}
heads.forEach((head, column) => {
  if (!head.hasAttribute('tabindex')) return;
  head.addEventListener('click', () => sortBy(column));
  head.addEventListener('keydown', (event) => { if (event.key === 'Enter') sortBy(column); });
});
filter.addEventListener('input', show);
severity.addEventListener('change', show);
show();
`;
