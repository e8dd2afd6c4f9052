/** Style sheet of report.html: one column of reading width, black on white, and A4 when printed. */
export const STYLES = `
:root { --ink: #1a1a1a; --muted: #5c5c5c; --line: #cfcfcf; --pass: #14532d; --fail: #8b1a1a; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 32px 64px; max-width: 860px; color: var(--ink); background: #fff;
  font: 14.5px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
.notice { margin: 0 0 26px; padding: 9px 14px; border: 1.5px solid var(--ink); font-weight: 600; }
h1 { margin: 0; font-size: 27px; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; }
h2 { margin: 40px 0 10px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 17px; font-weight: 600; }
p { margin: 0 0 10px; }
.subtitle { margin: 5px 0 22px; color: var(--muted); }
.verdict { display: flex; align-items: center; gap: 20px; margin: 0 0 14px; }
.verdict strong { padding: 6px 22px; font-size: 30px; line-height: 1.25; letter-spacing: 0.06em; border: 3px solid; }
.verdict.pass strong { color: var(--pass); border-color: var(--pass); }
.verdict.fail strong { color: #fff; background: var(--fail); border-color: var(--fail); }
.verdict p { margin: 0; font-size: 16px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e6e6e6; }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; font-size: 12.5px; }
tbody th { font-weight: 400; }
td.number, th.number { text-align: right; white-space: nowrap; padding-right: 26px; }
td:last-child, th:last-child { padding-right: 0; }
tr.failed th, tr.failed td { font-weight: 600; background: #f3eaea; }
tr.failed { box-shadow: -8px 0 #f3eaea, 8px 0 #f3eaea; }
.mark { white-space: nowrap; font-weight: 600; }
.mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); }
small, .small { font-size: 12.5px; color: var(--muted); }
tr.failed small { font-weight: 400; }
.figures { display: grid; grid-template-columns: 1fr 1fr; gap: 26px 34px; }
figure { margin: 0; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { margin-top: 7px; font-size: 12.5px; line-height: 1.45; color: var(--muted); }
figcaption b { color: var(--ink); }
.slices { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin-bottom: 18px; }
.slice { position: relative; background: #000; line-height: 0; }
.slice img { width: 100%; height: auto; image-rendering: auto; }
.slice i { position: absolute; left: 6%; bottom: 6%; height: 2px; background: #fff; box-shadow: 0 0 0 1px rgba(0, 0, 0, 0.65); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 22px; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: 12px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.methods dt { max-width: 210px; }
.methods { font-size: 13px; }
@media (max-width: 640px) { .figures { grid-template-columns: 1fr; } .slices { grid-template-columns: repeat(3, 1fr); } }
@media print {
  @page { size: A4; margin: 16mm 15mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; margin-top: 22pt; } table, tr, dl > * { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
