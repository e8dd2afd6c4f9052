import { join } from 'node:path';
import { writeFileDurably } from 'durable-files';
import type { Xyz } from './geometry';
import { isMalignant } from './malignancy';
import type { NoduleRow, ScanRows } from './make-scan';

type Cell = string | number | boolean;

/** Writes the tables of a dataset; the candidates last, they make it one. */
export async function writeTables(dir: string, scans: readonly ScanRows[]): Promise<void> {
  const write = (file: string, header: string, rows: Cell[][]) =>
    writeFileDurably(join(dir, file), `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`);
  const ofNodules = (row: (nodule: NoduleRow, scan: ScanRows) => Cell[]) =>
    scans.flatMap((scan) => scan.nodules.map((nodule) => [scan.seriesUid, ...row(nodule, scan)]));

  await write(
    'patients.csv',
    'seriesuid,patient_id',
    scans.map(({ seriesUid, patientId }) => [seriesUid, patientId]),
  );
  await write(
    'series.csv',
    // The first thirteen as of an imported series; `exposure_mas` is for half a second a turn.
    'seriesuid,manufacturer,model,kernel,slice_thickness_mm,kvp,tube_current_ma,exposure_mas,' +
      'slices,spacing_x_mm,spacing_y_mm,spacing_z_mm,sex,age_decade,' +
      'synthetic,site,contrast,study_day,body_size,emphysema,fibrosis',
    scans.map(seriesRow),
  );
  await write(
    'nodules.csv',
    'seriesuid,nodule,coordX,coordY,coordZ,diameter_mm,texture,spiculated,lobulated,calcified',
    ofNodules(({ id, xyz, diameterMm, kind, spiculated, lobulated, calcified }) => [
      id,
      ...place(xyz),
      diameterMm.toFixed(4),
      kind,
      spiculated,
      lobulated,
      calcified,
    ]),
  );
  await write(
    'growth.csv',
    'patient_id,nodule,baseline_seriesuid,follow_up_seriesuid,baseline_diameter_mm,follow_up_diameter_mm,' +
      'interval_days,volume_doubling_days',
    growthRows(scans),
  );
  await write(
    'annotations_with_malignancy.csv',
    'seriesuid,coordX,coordY,coordZ,diameter_mm,mal_bool,mal_details,' +
      'bboxLowX,bboxLowY,bboxLowZ,bboxHighX,bboxHighY,bboxHighZ,len_mal_details',
    ofNodules(({ xyz, diameterMm, ratings, box: [low, high] }) => [
      ...place(xyz),
      diameterMm.toFixed(4),
      isMalignant(ratings) ? 'True' : 'False',
      `"[${ratings.join(', ')}]"`,
      ...place(low),
      ...place(high),
      ratings.length,
    ]),
  );
  await write(
    'annotations.csv',
    'seriesuid,coordX,coordY,coordZ,diameter_mm',
    ofNodules(({ xyz, diameterMm }) => [...place(xyz), diameterMm.toFixed(4)]),
  );
  await write(
    'candidates_V2.csv',
    'seriesuid,coordX,coordY,coordZ,class',
    scans.flatMap(({ seriesUid, candidates }) =>
      candidates.map(({ xyz, kind }) => [seriesUid, ...place(xyz), kind === 'nodule' ? 1 : 0]),
    ),
  );
}

const place = (xyz: Xyz): string[] => xyz.map((value) => value.toFixed(4));

function seriesRow({ seriesUid, site, manufacturer, slices, spacingXyz, protocol, patient, day }: ScanRows): Cell[] {
  const { kernel, thickness, current, contrast } = protocol;
  const scanner = [manufacturer, 'synthetic', kernel, thickness, 120, current, current / 2];
  const decade = Math.floor(patient.age / 10) * 10;
  const person = [patient.sex, `${decade}-${decade + 9}`];
  const ours = [true, site, contrast, day, patient.size.toFixed(3), patient.emphysema, patient.fibrosis];
  return [seriesUid, ...scanner, slices, ...spacingXyz, ...person, ...ours];
}

/** Each nodule that is seen in a patient's first scan and in a later one. */
function growthRows(scans: readonly ScanRows[]): Cell[][] {
  return scans.flatMap((later) => {
    const first = scans.find(({ patientId, day }) => patientId === later.patientId && day === 0);
    if (later.day === 0 || !first) return [];
    return later.nodules.flatMap((nodule) => {
      const before = first.nodules.find(({ id }) => id === nodule.id);
      if (!before) return [];
      const diameters = [before, nodule].map(({ diameterMm }) => diameterMm.toFixed(4));
      const days = nodule.growth.doublingDays.toFixed(1);
      return [[later.patientId, nodule.id, first.seriesUid, later.seriesUid, ...diameters, later.day, days]];
    });
  });
}
