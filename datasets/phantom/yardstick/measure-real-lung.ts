/**
 * Tries a model on a real scan: on random places of its lungs, and on nodules put into them.
 *
 *     node --require tsx/cjs datasets/phantom/yardstick/measure-real-lung.ts \
 *       <scan: any format> <annotations.csv> <model.onnx> [threshold, 0.5]
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { InferenceSession } from 'quiet-onnxruntime';
import { readVolume } from '../../formats';
import { sampleRealLung, type RealLung } from './real-lung';
import { areaUnderCurve, quantile, scorePatches } from './score';

export interface RealLungFigures {
  places: number;
  /** Share of the random places in lung that score at least the threshold, and their 95th percentile. */
  above: number;
  lung95: number;
  nodules: number;
  /** Share of the nodules that do. */
  found: number;
  /** The others. */
  missed: string[];
  /** Area under the ROC curve between nodules and places. */
  auc: number;
}

export async function measureRealLung(
  { lung, inserted }: RealLung,
  session: InferenceSession,
  threshold: number,
): Promise<RealLungFigures> {
  const empty = await scorePatches(
    session,
    lung.map(({ patch }) => patch),
  );
  const nodules = await scorePatches(
    session,
    inserted.map(({ patch }) => patch),
  );
  const above = (scores: readonly number[]) => scores.filter((score) => score >= threshold).length / scores.length;
  return {
    places: empty.length,
    above: above(empty),
    lung95: quantile(empty, 0.95),
    nodules: nodules.length,
    found: above(nodules),
    missed: inserted
      .filter((_, i) => nodules[i]! < threshold)
      .map(({ nodule }) => `${nodule.texture} ${nodule.diameterMm.toFixed(1)} mm`),
    auc: areaUnderCurve(nodules, empty),
  };
}

/** The diameters of a table in the layout of LUNA16's annotations.csv, mm. */
export async function readDiameters(annotationsCsv: string): Promise<number[]> {
  const rows = parse<Record<string, string>>(await readFile(annotationsCsv), { columns: true });
  return rows.map((row) => Number(row['diameter_mm']));
}

async function main([scan, annotations, model, threshold = '0.5']: string[]): Promise<void> {
  if (scan === undefined || annotations === undefined || model === undefined) {
    console.error('Usage: measure-real-lung.ts <scan> <annotations.csv> <model.onnx> [threshold]');
    process.exitCode = 2;
    return;
  }
  const real = sampleRealLung(await readVolume(scan), { diameters: await readDiameters(annotations) });
  const session = await InferenceSession.create(model);
  console.log(JSON.stringify(await measureRealLung(real, session, Number(threshold)), null, 2));
}

if (require.main === module) void main(process.argv.slice(2));
