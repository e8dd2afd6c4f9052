import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeMetaImage } from '../formats/metaimage';
import { IDENTITY_DIRECTION } from '../volume';
import { add, scale, type Xyz } from './geometry';
import { gridOf } from './grid';
import { noduleReach } from './nodules';
import { paintScan } from './paint-scan';
import { planScan, type Finding, type PlannedCandidate, type ScanPlan } from './plan';

/** What the tables of a dataset say about one nodule in one scan, in world millimetres. */
export interface NoduleRow extends Pick<Finding, 'id' | 'kind' | 'calcified' | 'ratings' | 'growth'> {
  xyz: Xyz;
  diameterMm: number;
  spiculated: boolean;
  lobulated: boolean;
  /** Opposite corners of the box around it. */
  box: readonly [Xyz, Xyz];
}

/** What they say about one scan. */
export interface ScanRows extends Pick<ScanPlan, 'seriesUid' | 'patientId' | 'patient' | 'protocol' | 'day'> {
  site: string;
  manufacturer: string;
  slices: number;
  spacingXyz: Xyz;
  nodules: NoduleRow[];
  candidates: { xyz: Xyz; kind: PlannedCandidate['kind'] }[];
}

/** What a phantom is drawn from. */
export interface PhantomSource {
  seed: number;
  /** 0 to 1. */
  difficulty: number;
}

/** Makes one scan of a phantom dataset, or finds it whole from an earlier run; either way its rows are the same. */
export async function makeScan(dir: string, { seed, difficulty }: PhantomSource, scan: number): Promise<ScanRows> {
  const plan = planScan(seed, scan, difficulty);
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
  const { seriesUid, patientId, patient, protocol, day, site } = plan;
  const { slices, spacing } = gridOf(protocol, plan.field, plan.middle);
  return {
    seriesUid,
    patientId,
    patient,
    protocol,
    day,
    site: site.name,
    manufacturer: site.manufacturer,
    slices,
    spacingXyz: spacing,
    nodules: plan.nodules.map((nodule) => noduleRow(nodule, plan.table)),
    candidates: plan.candidates.map(({ at, kind }) => ({ xyz: add(at, plan.table), kind })),
  };
}

function noduleRow(nodule: Finding, table: Xyz): NoduleRow {
  const { id, kind, calcified, ratings, growth, centre, diameter, spicules, lobes } = nodule;
  const xyz = add(centre, table);
  const reach = noduleReach(nodule);
  return {
    id,
    kind,
    calcified,
    ratings,
    growth,
    xyz,
    diameterMm: diameter,
    spiculated: spicules.length > 0,
    lobulated: lobes.length > 0,
    box: [add(xyz, scale(reach, -1)), add(xyz, reach)],
  };
}

/** The header is written after the voxels, so a scan with a header and as many bytes as it needs is whole. */
async function isWhole(header: string, { protocol, field, middle }: ScanPlan): Promise<boolean> {
  const size = async (file: string) => (await stat(file).catch(() => undefined))?.size;
  const voxels = await size(header.replace(/mhd$/, 'raw'));
  const { slices, rows, columns } = gridOf(protocol, field, middle);
  return voxels === 2 * slices * rows * columns && (await size(header)) !== undefined;
}
