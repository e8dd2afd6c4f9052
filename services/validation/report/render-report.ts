import { loadPatches, voxelsOf } from '../../../datasets';
import type { Study } from '../study';
import type { Findings } from './build-report';
import { reportHtml, type SliceImage } from './html';
import { junitXml } from './junit';
import { drawPlots } from './plots';
import type { Report } from './schema';
import { scoresCsv } from './scores-csv';
import { middleSlicePng } from './slice-image';

/** The files of the evidence, by name. The same report gives the same bytes. */
export async function renderReport(report: Report, { study }: Findings): Promise<Record<string, string>> {
  const [plots, slices] = [await drawPlots(report), await readSlices(report, study)];
  return {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.html': reportHtml(report, plots, slices),
    'junit.xml': junitXml(report),
    'scores.csv': scoresCsv(study),
  };
}

async function readSlices(report: Report, { bundle, candidates, dataset }: Study): Promise<Map<string, SliceImage>> {
  const shown = new Set([...report.lowestPositives, ...report.highestNegatives].map(({ id }) => id));
  const pictured = candidates.filter(({ id }) => shown.has(id));
  const contract = bundle.signature.preprocessing;
  const voxels = voxelsOf(contract);
  const { hu } = await loadPatches(dataset, pictured, { contract });
  return new Map(
    pictured.map(({ id, seriesUid }, k) => {
      const { spacingXyz } = dataset.manifest.series.find((series) => series.seriesUid === seriesUid)!;
      const png = middleSlicePng(hu.subarray(k * voxels, (k + 1) * voxels), contract.patchSize);
      return [id, { png, widthMm: (contract.resampleMm ?? spacingXyz[0]) * contract.patchSize[2] }];
    }),
  );
}
