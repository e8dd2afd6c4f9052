import type { ImportOutcome, SeriesOutcome } from '../datasets/import';
import { importScans as runImport } from '../datasets/import';
import { EXIT } from './failure';
import { abortOnInterrupt } from './interrupt';
import { paint, say, startProgress } from './terminal';

export interface ImportCommandOptions {
  to: string;
  annotations: string[];
  dicomweb?: string;
  study: string[];
  patient: string[];
  series: string[];
  allowHttp: boolean;
  keepDicom?: string;
  compressed: boolean;
  retainPatientCharacteristics: boolean;
  keyFile?: string;
  dryRun: boolean;
  showFiles: boolean;
}

/** Nothing that names a patient is printed, unless `showFiles` asks for the source's file names. */
export async function importScans(sources: string[], options: ImportCommandOptions): Promise<void> {
  const { dicomweb, study, patient, series, allowHttp, showFiles, ...rest } = options;
  const progress = startProgress('import');
  const steps = { search: 'files looked at', fetch: 'instances fetched', import: 'series' };
  const outcome = await runImport({
    ...rest,
    sources,
    ...(dicomweb !== undefined && {
      dicomweb: { url: dicomweb, allowHttp, query: { studies: study, patients: patient, series } },
    }),
    onProgress: (step, done, total) => {
      progress.update(done, total, `${done} of ${total} ${steps[step]}`);
    },
    signal: abortOnInterrupt(),
  });
  const taken = outcome.series.filter(({ state }) => state === 'imported' || state === 'already').length;
  progress.end(`${taken} of ${outcome.series.length} series ${rest.dryRun ? 'would stand' : 'stand'} in ${rest.to}`);
  for (const line of summaryOf(outcome, options)) say(line);
  tellExceptions(outcome, showFiles);
  if (!rest.dryRun && taken > 0) say(`\nNext: lungate data check ${rest.to}`);
  if (outcome.series.some(({ state }) => state === 'failed')) process.exitCode = EXIT.error;
}

function summaryOf(
  { series, passedOver, annotations, report }: ImportOutcome,
  options: ImportCommandOptions,
): string[] {
  const count = (state: SeriesOutcome['state']) => series.filter((one) => one.state === state).length;
  const rows: [string, string | number][] = [
    [options.dryRun ? 'would import' : 'imported', `${count('imported')} series`],
    ['there already', `${count('already')} series`],
    ['refused', `${count('refused')} series`],
    ['failed', `${count('failed')} series`],
    ['passed over', passedOver.map(({ reason, files }) => `${files} × ${reason}`).join(', ') || 'nothing'],
  ];
  if (options.annotations.length > 0) {
    const { series: annotated, nodules, excluded, outside, withoutScan } = annotations;
    rows.push(['annotations', `${nodules} nodules and ${excluded} excluded findings in ${annotated} series`]);
    if (outside > 0) rows.push(['', `${outside} marks lie on no slice of their scan`]);
    if (withoutScan > 0) rows.push(['', `those of ${withoutScan} series not in this source are left out`]);
  }
  if (!options.dryRun && report.series > 0) {
    rows.push(['dataset', `${report.series} imported series of ${report.patients} patients, ${report.files} files`]);
    for (const [deed, text] of deedsOf(report)) rows.push([deed, text]);
    rows.push(['report', 'deidentification-report.json and .csv, beside the scans']);
  }
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}`);
}

const DEEDS = ['removed', 'emptied', 'replaced', 'remapped', 'shifted', 'kept'] as const;

/** `removed   61 attributes, 6039 times`. */
function deedsOf({ actions }: ImportOutcome['report']): [string, string][] {
  return DEEDS.map((deed) => {
    const rows = actions.filter((row) => row.deed === deed);
    const tags = new Set(rows.map(({ tag }) => tag)).size;
    return [`  ${deed}`, `${tags} attributes, ${rows.reduce((sum, row) => sum + row.count, 0)} times`];
  });
}

function tellExceptions({ series }: ImportOutcome, showFiles: boolean): void {
  for (const { state, seriesUid, files, why, notes, sourceFile } of series) {
    const where = showFiles && sourceFile !== '' ? `, ${sourceFile}` : '';
    const told = `series ${seriesUid} (${files} file${files === 1 ? '' : 's'}${where})`;
    if (state === 'refused' || state === 'failed') say(`${paint('red', state, process.stdout)}: ${told}: ${why}`);
    else if (notes.length > 0) say(`note: ${told}: ${notes.join(', ')}`);
  }
}
