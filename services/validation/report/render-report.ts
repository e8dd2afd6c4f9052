import { loadPatches, PATCH_SIZE, PATCH_VOXELS, type Dataset } from '../../../datasets';
import type { Findings } from './build-report';
import { reportHtml, type SliceImage } from './html';
import { junitXml } from './junit';
import { drawPlots } from './plots';
import type { Report } from './schema';
import { scoresCsv } from './scores-csv';
import { middleSlicePng } from './slice-image';

/** The files of the evidence, by name. The same report gives the same bytes. */
export async function renderReport(
  report: Report,
  findings: Findings,
  dataset: Dataset,
): Promise<Record<string, string>> {
  const [plots, slices] = [await drawPlots(report), await readSlices(report, findings, dataset)];
  return {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.html': reportHtml(report, plots, slices),
    'junit.xml': junitXml(report),
    'scores.csv': scoresCsv(findings),
  };
}

async function readSlices(
  report: Report,
  { candidates, manifest }: Findings,
  dataset: Dataset,
): Promise<Map<string, SliceImage>> {
  const shown = new Set([...report.lowestPositives, ...report.highestNegatives].map(({ id }) => id));
  const pictured = candidates.filter(({ id }) => shown.has(id));
  const { hu } = await loadPatches(dataset, pictured);
  return new Map(
    pictured.map(({ id, seriesUid }, k) => {
      const { spacingXyz } = manifest.series.find((series) => series.seriesUid === seriesUid)!;
      const png = middleSlicePng(hu.subarray(k * PATCH_VOXELS, (k + 1) * PATCH_VOXELS));
      return [id, { png, widthMm: spacingXyz[0] * PATCH_SIZE[2] }];
    }),
  );
}
