import { basename, resolve } from 'node:path';
import type { CheckReport, CheckedScan } from './check-report';
import { type Finding, findingCodes } from './finding';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets';

/** Findings of one code that the page lists one by one; the rest is counted. */
const LISTED_OF_A_CODE = 500;

/** The report as one HTML page that needs nothing else: counts, findings by kind, and a picture of each scan. */
export function renderCheckPage(report: CheckReport): string {
  const { dir, counts, findings, subsets, scans } = report;
  const verdict = counts.error > 0 ? 'error' : counts.warning > 0 ? 'warning' : 'note';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Check of ${escape(basename(resolve(dir)))}</title>
<style>${PAGE_STYLE}</style>
<h1>Check of ${escape(basename(resolve(dir)))}</h1>
<p class="verdict ${verdict}">${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${plural(counts.note, 'note')}
in ${plural(scans.length, 'scan')}</p>
${table('subsets', ['subset', 'scans', 'patients', 'candidates', 'nodules', 'annotations'], subsets.map(subsetRow))}
<h2>Findings</h2>
${findings.length === 0 ? '<p>None.</p>' : findingSections(findings)}
<h2>Scans</h2>
<p><label>Show <input id="filter" type="search" placeholder="UID, subset, part or code"></label>
<label>with <select id="severity"><option value="">anything</option><option value="error">errors</option><option value="warning">warnings or errors</option></select></label>
<span id="shown"></span></p>
${scanTable(scans, findings)}
<script>${PAGE_SCRIPT}</script>
</html>
`;
}

function subsetRow(counts: CheckReport['subsets'][number]): string[] {
  const { subset, scans, patients, candidates, nodules, annotations } = counts;
  return [subset || '(no subset)', ...[scans, patients, candidates, nodules, annotations].map(String)];
}

function findingSections(findings: readonly Finding[]): string {
  const codes = [...new Set(findings.map(({ code }) => code))];
  return codes
    .map((code) => {
      const [severity, meaning] = findingCodes[code];
      const ofCode = findings.filter((each) => each.code === code);
      const listed = ofCode.slice(0, LISTED_OF_A_CODE);
      const rest = ofCode.length - listed.length;
      const rows = listed.map((each) => [placeOf(each), each.message]);
      return `<details${severity === 'error' ? ' open' : ''}><summary><span class="badge ${severity}">${severity}</span>
<b>${code}</b> × ${ofCode.length}: ${escape(meaning)}</summary>
${table('findings', ['where', 'what'], rows)}${rest > 0 ? `<p>… and ${rest} more; <code>--json</code> has them all.</p>` : ''}</details>`;
    })
    .join('\n');
}

function placeOf({ file, line, column }: Finding): string {
  return [file, line === undefined ? '' : `line ${line}`, column ?? ''].filter((part) => part !== '').join(', ');
}

function scanTable(scans: readonly CheckedScan[], findings: readonly Finding[]): string {
  const byScan = new Map<string, Finding[]>();
  for (const each of findings) {
    if (each.seriesUid === undefined) continue;
    byScan.set(each.seriesUid, [...(byScan.get(each.seriesUid) ?? []), each]);
  }
  const heads = [
    'slice',
    'scan',
    'part',
    'voxels',
    'spacing mm',
    'HU',
    'air',
    'lung',
    'soft',
    'nodules',
    'candidates',
    'findings',
  ];
  const head = heads.map((name) => `<th scope="col"${name === 'slice' ? '' : ' tabindex="0"'}>${name}</th>`).join('');
  const rows = scans.map((scan) => scanRow(scan, byScan.get(scan.seriesUid) ?? []));
  return `<table id="scans"><thead><tr>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function scanRow({ inspection, ...scan }: CheckedScan, findings: readonly Finding[]): string {
  const worst = ['error', 'warning', 'note'].find((level) => findings.some(({ severity }) => severity === level)) ?? '';
  const share = (value: number) => `${(100 * value).toFixed(0)} %`;
  const facts = inspection
    ? [
        cell(
          inspection.geometry.size.join(' × '),
          inspection.geometry.size.reduce((a, b) => a * b, 1),
        ),
        cell(inspection.geometry.spacingXyz.map((mm) => mm.toFixed(2)).join(' × '), inspection.geometry.spacingXyz[2]),
        cell(`${inspection.hu.min} … ${inspection.hu.max}`, inspection.hu.min),
        ...(['air', 'lung', 'soft'] as const).map((name) =>
          cell(share(inspection.hu.shares[name]), inspection.hu.shares[name]),
        ),
      ]
    : Array.from({ length: 6 }, () => cell('', -1));
  const picture = inspection
    ? `<img alt="middle slice" loading="lazy" src="data:image/png;base64,${inspection.thumbnail}">`
    : '<span class="none">cannot be read</span>';
  return `<tr data-severity="${worst}"><td>${picture}</td>${cell(scan.file, 0)}${cell(scan.part ?? '', 0)}${facts.join('')}
${cell(String(scan.nodules), scan.nodules)}${cell(String(scan.candidates), scan.candidates)}<td data-sort="${weight(findings)}">${badges(findings)}</td></tr>`;
}

function cell(text: string, sort: number): string {
  return `<td data-sort="${sort}">${escape(text)}</td>`;
}

/** An error outweighs any number of warnings. */
function weight(findings: readonly Finding[]): number {
  const weights = { error: 1e6, warning: 1e3, note: 1 };
  return findings.reduce((sum, { severity }) => sum + weights[severity], 0);
}

const BADGES_OF_A_SCAN = 12;

function badges(findings: readonly Finding[]): string {
  const shown = findings
    .slice(0, BADGES_OF_A_SCAN)
    .map(
      ({ code, severity, message, line }) =>
        `<div><span class="badge ${severity}">${code}</span> ${escape(line === undefined ? message : `line ${line}: ${message}`)}</div>`,
    );
  const rest = findings.length - shown.length;
  return shown.join('') + (rest > 0 ? `<div>… and ${rest} more</div>` : '');
}

function table(name: string, heads: readonly string[], rows: readonly string[][]): string {
  const head = heads.map((text) => `<th scope="col">${escape(text)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((text) => `<td>${escape(text)}</td>`).join('')}</tr>`);
  return `<table class="${name}"><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
