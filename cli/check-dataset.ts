import { writeFileDurably } from 'durable-files';
import { type CheckReport, type Finding, checkDataset, findingCodes, renderCheckPage } from '../datasets';
import { abortOnInterrupt } from './interrupt';
import { paint, say, startProgress } from './terminal';

export interface CheckCommandOptions {
  split?: string;
  html?: string;
  json: boolean;
}

/** Findings of one kind that the terminal lists; the page and the JSON have them all. */
const SHOWN_OF_A_KIND = 5;

/** Tells everything that is wrong with a dataset. Exit code 1 where something is. */
export async function checkDatasetFolder(dir: string, { split, html, json }: CheckCommandOptions): Promise<void> {
  const progress = startProgress('check');
  const report = await checkDataset(dir, {
    ...(split === undefined ? {} : { split }),
    signal: abortOnInterrupt(),
    onProgress: (done, total) => {
      progress.update(done, Math.max(total, 1), `${done} of ${total} scans`);
    },
  });
  progress.end(`${report.scans.length} scans in ${dir}`);
  if (html !== undefined) {
    await writeFileDurably(html, renderCheckPage(report));
    progress.end(`page ${html}`);
  }
  if (json) say(JSON.stringify(withoutPictures(report), null, 2));
  else sayReport(report);
  if (report.counts.error > 0) process.exitCode = 1;
}

/** Pictures would be most of the JSON, and no program looks at them. */
function withoutPictures(report: CheckReport) {
  const scans = report.scans.map(({ inspection, ...scan }) => ({
    ...scan,
    inspection: inspection && { ...inspection, thumbnail: undefined },
  }));
  return { ...report, scans };
}

function sayReport({ subsets, findings, counts }: CheckReport): void {
  sayTable(
    ['subset', 'scans', 'patients', 'candidates', 'nodules', 'annotations'],
    subsets.map(({ subset, scans, patients, candidates, nodules, annotations }) =>
      [subset || '(none)', scans, patients, candidates, nodules, annotations].map(String),
    ),
  );
  for (const code of new Set(findings.map((each) => each.code))) {
    const ofCode = findings.filter((each) => each.code === code);
    const [severity, meaning] = findingCodes[code];
    const word = severity === 'error' ? paint('red', severity, process.stdout) : severity;
    say(`\n${word} ${paint('bold', code, process.stdout)} × ${ofCode.length}: ${meaning}`);
    for (const each of ofCode.slice(0, SHOWN_OF_A_KIND)) say(`  ${placeOf(each)}: ${each.message}`);
    if (ofCode.length > SHOWN_OF_A_KIND) say(`  … and ${ofCode.length - SHOWN_OF_A_KIND} more (--html or --json)`);
  }
  const verdict = `\n${counts.error} errors, ${counts.warning} warnings, ${counts.note} notes`;
  say(counts.error > 0 ? paint('red', verdict, process.stdout) : paint('green', verdict, process.stdout));
}

function placeOf({ file, line, column }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`}${column === undefined ? '' : ` ${column}`}`;
}

function sayTable(head: string[], rows: string[][]): void {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows]) {
    say(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '));
  }
}
