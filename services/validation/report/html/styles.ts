/** Style sheet of report.html: one column of reading width, black on white; on paper, `footer` on each page. */
export function stylesFor(footer: string): string {
  return `${STYLES}
@page { margin: 15mm 14mm 17mm;
  @bottom-left { content: ${cssString(footer)}; font: 7.5pt Helvetica, Arial, "Liberation Sans", sans-serif; color: #5c5c5c; }
  @bottom-right { content: counter(page) " of " counter(pages); font: 7.5pt Helvetica, Arial, "Liberation Sans", sans-serif; color: #5c5c5c; } }
`;
}

/** A string of CSS, of which nothing can be taken for markup or for the end of the string. */
function cssString(text: string): string {
  return `"${text.replace(/[^A-Za-z0-9 .,:()·@_-]/gu, (character) => `\\${character.codePointAt(0)!.toString(16)} `)}"`;
}

const STYLES = `
:root { --ink: #1a1a1a; --muted: #5c5c5c; --line: #cfcfcf; --pass: #14532d; --fail: #8b1a1a; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0 auto; padding: 28px 32px 64px; max-width: 860px; color: var(--ink); background: #fff;
  font: 14.5px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word; }
.notice { margin: 0 0 26px; padding: 9px 14px; border: 1.5px solid var(--ink); font-weight: 600; }
h1 { margin: 0; font-size: 27px; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; }
h2 { margin: 40px 0 10px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 17px; font-weight: 600; }
h2 .sn { display: inline-block; min-width: 30px; color: var(--muted); font-weight: 400; }
h3 { margin: 22px 0 6px; font-size: 14.5px; font-weight: 600; }
p { margin: 0 0 10px; }
a { color: inherit; }
ul { margin: 0; padding-left: 20px; } li { margin: 0 0 5px; }
.subtitle { margin: 5px 0 22px; color: var(--muted); }
.verdict { display: flex; align-items: center; gap: 20px; margin: 0 0 14px; }
.verdict strong { padding: 6px 22px; font-size: 30px; line-height: 1.25; letter-spacing: 0.06em; border: 3px solid; }
.verdict.pass strong { color: var(--pass); border-color: var(--pass); }
.verdict.fail strong { color: #fff; background: var(--fail); border-color: var(--fail); }
.verdict p { margin: 0; font-size: 16px; }
nav { margin: 26px 0 0; padding: 12px 0 4px; border-top: 1px solid var(--line); font-size: 13px; }
nav ol { columns: 3; column-gap: 28px; margin: 0; padding-left: 24px; } nav li { break-inside: avoid; padding-left: 2px; }
nav a { text-decoration: none; color: var(--muted); } nav a:hover { text-decoration: underline; color: var(--ink); }
table { width: 100%; margin: 0 0 12px; border-collapse: collapse; }
th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e6e6e6; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
tbody th { font-weight: 400; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 26px; }
thead th.number { white-space: normal; }
td:last-child, th:last-child { padding-right: 0; }
tr.failed th, tr.failed td { font-weight: 600; background: #ececec; }
tr.failed { box-shadow: -8px 0 #ececec, 8px 0 #ececec; }
table.compact { font-size: 12.5px; } table.compact th, table.compact td { padding-top: 3px; padding-bottom: 3px; }
table.compact thead th { font-size: 12px; }
.mark { white-space: nowrap; font-weight: 600; }
.mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); } .mark.none { color: var(--muted); }
small, .small { font-size: 12.5px; color: var(--muted); }
table.compact small { font-size: 11.5px; }
tr.failed small { font-weight: 400; }
tr.heading th { padding-top: 12px; font-size: 12.5px; font-weight: 600; color: var(--muted); } .one { white-space: nowrap; }
.endpoint { padding: 0 5px; border: 1px solid var(--line); border-radius: 3px; white-space: nowrap; }
.figures { display: grid; grid-template-columns: 1fr 1fr; gap: 26px 34px; margin-bottom: 14px; }
.figures > * { min-width: 0; }
.probes { display: grid; grid-template-columns: repeat(3, 1fr); gap: 20px 22px; margin-bottom: 16px; }
figure { margin: 0; break-inside: avoid; }
figure.wide { margin: 0 0 14px; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: 7px; font-size: 12.5px; line-height: 1.45; color: var(--muted); overflow-wrap: anywhere; }
figcaption b { color: var(--ink); }
.slices { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin-bottom: 18px; }
.slices figcaption { font-size: 11.5px; }
.slice { position: relative; background: #000; line-height: 0; }
.slice.none { display: grid; place-items: center; aspect-ratio: 1; background: #ececec; font-size: 11px; line-height: 1.2; }
.slice img { width: 100%; height: auto; image-rendering: auto; }
.slice i { position: absolute; left: 6%; bottom: 6%; height: 2px; background: #fff; box-shadow: 0 0 0 1px rgba(0, 0, 0, 0.65); }
dl { display: grid; grid-template-columns: minmax(110px, max-content) 1fr; gap: 5px 22px; margin: 0; }
dt { color: var(--muted); max-width: 210px; } dd { margin: 0; overflow-wrap: anywhere; }
code { font: 12px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
table.compact code, figcaption code { font-size: 10.5px; }
.methods { font-size: 13px; }
@media (max-width: 720px) {
  body { padding: 18px 16px 40px; }
  .figures { grid-template-columns: 1fr; } .slices { grid-template-columns: repeat(3, 1fr); }
  .probes { grid-template-columns: 1fr; } nav ol { columns: 1; }
  table { display: block; overflow-x: auto; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  a { text-decoration: none; }
  h1 { font-size: 18pt; } h2 { margin-top: 18pt; font-size: 12pt; } h3 { font-size: 10pt; }
  h2, h3 { break-after: avoid; } tr, dt, dd, .keep, li, .slices figure, .verdict { break-inside: avoid; } dt, tr.heading { break-after: avoid; }
  p:has(+ .figures), p:has(+ .slices), p:has(+ .probes), p:has(+ .keep), p:has(+ figure) { break-after: avoid; }
  th, td { padding-top: 3.5px; padding-bottom: 3.5px; } tr.heading th { padding-top: 8px; }
  thead { display: table-header-group; }
  p { break-inside: avoid; }
  small, .small, figcaption, thead th { font-size: 8.5pt; } table.compact { font-size: 8.5pt; } table.compact small { font-size: 7.5pt; }
  .slices figcaption { font-size: 7.5pt; }
  .methods { font-size: 8.5pt; }
  #checklists { break-before: page; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
