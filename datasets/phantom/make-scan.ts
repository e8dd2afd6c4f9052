import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeMetaImage } from '../formats/metaimage';
import { IDENTITY_DIRECTION } from '../volume';
import { add, type Xyz } from './geometry';
import { emptyGrid } from './grid';
import { paintScan } from './paint-scan';
import { planScan, type PlannedCandidate, type ScanPlan } from './plan';

/** What the tables of a dataset say about one scan, in world millimetres. */
export interface ScanRows {
  seriesUid: string;
  patientId: string;
  annotations: { xyz: Xyz; diameterMm: number }[];
  candidates: { xyz: Xyz; kind: PlannedCandidate['kind'] }[];
}

/** Makes one scan of a phantom dataset, or finds it whole from an earlier run; either way its rows are the same. */
export async function makeScan(dir: string, seed: number, scan: number): Promise<ScanRows> {
  const plan = planScan(seed, scan);
  const header = join(dir, `subset${plan.subset}`, `${plan.seriesUid}.mhd`);
  if (!(await isWhole(header, plan))) {
    const grid = paintScan(plan);
    await writeMetaImage(header, {
      hu: grid.hu,
      size: [grid.slices, grid.rows, grid.columns],
      spacingXyz: grid.spacing,
      originXyz: add(grid.origin, plan.table),
      direction: IDENTITY_DIRECTION,
    });
  }
  return {
    seriesUid: plan.seriesUid,
    patientId: plan.patientId,
    annotations: plan.nodules.map(({ centre, diameter }) => ({ xyz: add(centre, plan.table), diameterMm: diameter })),
    candidates: plan.candidates.map(({ at, kind }) => ({ xyz: add(at, plan.table), kind })),
  };
}

/** The header is written after the voxels, so a scan with a header and as many bytes as it needs is whole. */
async function isWhole(header: string, { protocol, middle }: ScanPlan): Promise<boolean> {
  const size = async (file: string) => (await stat(file).catch(() => undefined))?.size;
  const voxels = await size(header.replace(/mhd$/, 'raw'));
  return voxels === emptyGrid(protocol, middle).hu.byteLength && (await size(header)) !== undefined;
}
