import { type DownloadPlan, type Extra, downloadError, downloadLuna16, parseSubsets, readableBytes } from '../datasets';
import { abortOnInterrupt } from './interrupt';
import { say, startProgress } from './terminal';

export interface DownloadCommandOptions {
  to: string;
  subset: string;
  with: Extra[];
  mirror?: string;
  parallel: number;
  keepArchives: boolean;
  dryRun: boolean;
  baseUrl?: string;
}

/** Fetches LUNA16 into a folder, says what it will do before and whose work it is. */
export async function downloadDataset(dataset: string, options: DownloadCommandOptions): Promise<void> {
  const { to, subset, mirror, parallel, keepArchives, dryRun, baseUrl } = options;
  if (dataset !== 'luna16') throw downloadError('DOWNLOAD_UNKNOWN_DATASET', { dataset });
  const subsets = parseSubsets(subset);
  const signal = abortOnInterrupt();
  let progress: ReturnType<typeof startProgress> | undefined;
  const started = performance.now();
  const plan = await downloadLuna16(to, {
    subsets,
    extras: options.with,
    parallel,
    keepArchives,
    dryRun,
    signal,
    ...(mirror === undefined ? {} : { mirror }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    onPlan: (each) => {
      sayPlan(each, to);
      if (!dryRun) progress = startProgress('download');
    },
    onProgress: (done, total, note) => {
      const seconds = (performance.now() - started) / 1000;
      progress?.update(
        done,
        total,
        `${readableBytes(done)} of ${readableBytes(total)}, ${rate(done, seconds)}, ${note}`,
      );
    },
  });
  if (dryRun) return;
  progress?.end(`${plan.files.length} files of LUNA16 in ${to}`);
  say('LUNA16: CC BY 4.0, made from LIDC-IDRI (CC BY 3.0); see LICENCE.txt.');
  say('Cite Setio et al. 2017, doi:10.1016/j.media.2017.06.015, and the works in CITATION.bib.');
}

const rate = (bytes: number, seconds: number) => `${readableBytes(Math.round(bytes / Math.max(seconds, 0.1)))}/s`;

function sayPlan({ files, toFetch, needed, free }: DownloadPlan, dir: string): void {
  const rows = files.map(({ name, state, toFetch: bytes, unpacked, checkedBy }) => [
    name,
    state,
    bytes === 0 ? '' : readableBytes(bytes),
    unpacked === 0 ? '' : readableBytes(unpacked),
    state === 'whole' ? '' : checkedBy,
  ]);
  const head = ['file', 'state', 'to fetch', 'on disk', 'checked by'];
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows])
    say(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
  say(`${readableBytes(toFetch)} to fetch; ${readableBytes(needed)} needed in ${dir}, ${readableBytes(free)} free`);
}
