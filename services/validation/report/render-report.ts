import { loadPatches, voxelsOf } from '../../../datasets';
import type { Picture, Pictures, Study } from '../study';
import type { Findings } from './build-report';
import { checklistCsv } from './checklists';
import { reportPage } from './html';
import { junitXml } from './junit';
import { modelCard } from './model-card';
import { drawPlots } from './plots';
import type { Report } from './schema';
import { scoresCsv } from './scores-csv';
import { middleSlicePng } from './slice-image';

/** The files of the evidence, by name. The same findings give the same bytes. */
export async function renderReport(report: Report, { study, pictures }: Findings): Promise<Record<string, string>> {
  const slices = await readSlices(report, study);
  return {
    ...(await renderFiles(report, new Map([...slices, ...pictures]))),
    'scores.csv': scoresCsv(study),
  };
}

/** The files that say what the report says. Pictures: `candidate/<id>` and `explanation/<id>`. */
export async function renderFiles(report: Report, pictures: Pictures): Promise<Record<string, string>> {
  return {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.html': reportPage({ report, plots: await drawPlots(report), pictures }),
    'model-card.md': modelCard(report),
    'reporting-checklist.csv': checklistCsv(report),
    'junit.xml': junitXml(report),
  };
}

async function readSlices(report: Report, { bundle, candidates, dataset }: Study): Promise<Map<string, Picture>> {
  const shown = new Set([...report.lowestPositives, ...report.highestNegatives].map(({ id }) => id));
  const pictured = candidates.filter(({ id }) => shown.has(id));
  const contract = bundle.signature.preprocessing;
  const voxels = voxelsOf(contract);
  const { hu } = await loadPatches(dataset, pictured, { contract });
  return new Map(
    pictured.map(({ id, seriesUid }, k) => {
      const { spacingXyz } = dataset.manifest.series.find((series) => series.seriesUid === seriesUid)!;
      const png = middleSlicePng(hu.subarray(k * voxels, (k + 1) * voxels), contract.patchSize);
      return [`candidate/${id}`, { png, widthMm: (contract.resampleMm ?? spacingXyz[0]) * contract.patchSize[2] }];
    }),
  );
}
