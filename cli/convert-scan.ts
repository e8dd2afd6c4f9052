import { stat } from 'node:fs/promises';
import { type Volume, findDicomSeries, readVolume, writeVolume } from '../datasets';
import { paint, say, startProgress } from './terminal';

/** Reads a scan of any format and writes it in the format of the other name; what was done to a DICOM series is told. */
export async function convertScan(from: string, to: string, { compressed }: { compressed: boolean }): Promise<void> {
  const progress = startProgress('convert');
  const volume = (await mayHoldSeries(from))
    ? await readSeries(from, (done, total) => {
        progress.update(done, total, `${done} of ${total} files`);
      })
    : await readVolume(from);
  await writeVolume(to, volume, compressed ? { compressed } : {});
  const [slices, rows, columns] = volume.size;
  const millimetres = volume.spacingXyz.map((value) => Math.round(value * 1e4) / 1e4).join(' × ');
  progress.end(`${from} read`);
  say(`${to}: ${columns} × ${rows} × ${slices} voxels of ${millimetres} mm`);
}

async function mayHoldSeries(path: string): Promise<boolean> {
  if (/\.(zip|dcm|dicom|ima)$/i.test(path)) return true;
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

async function readSeries(path: string, onProgress: (done: number, total: number) => void): Promise<Volume> {
  const [series, ...others] = await findDicomSeries(path, { onProgress });
  // Which of several is meant is for readVolume to refuse, in its words.
  if (!series || others.length > 0) return readVolume(path);
  for (const { code, message } of series.notes) process.stderr.write(`${paint('bold', code)}: ${message}\n`);
  return series.volume();
}
