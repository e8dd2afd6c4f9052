import type { Dataset, Volume } from '../../datasets';

/** Four scans of LUNA16 as they are in the mean. */
const MOST_BYTES = 512 * 2 ** 20;

/**
 * The same dataset, which keeps the scans that were read last: every part of a validation reads those of the holdout
 * again. A scan that is larger than `mostBytes` is kept until the next one comes.
 */
export function rememberScans(dataset: Dataset, mostBytes = MOST_BYTES): Dataset {
  /** Those that were asked for last stand last. */
  const kept = new Map<string, Promise<Volume>>();
  const bytes = new Map<string, number>();

  async function read(seriesUid: string): Promise<Volume> {
    const volume = await dataset.volume(seriesUid);
    bytes.set(seriesUid, volume.hu.byteLength);
    let total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
    for (const uid of [...kept.keys()]) {
      if (total <= mostBytes) break;
      if (uid === seriesUid || !bytes.has(uid)) continue;
      total -= bytes.get(uid)!;
      kept.delete(uid);
      bytes.delete(uid);
    }
    return volume;
  }

  return {
    ...dataset,
    volume(seriesUid) {
      const volume = kept.get(seriesUid) ?? read(seriesUid);
      kept.delete(seriesUid);
      kept.set(seriesUid, volume);
      // What could not be read may be readable the next time.
      volume.catch(() => kept.delete(seriesUid));
      return volume;
    },
  };
}
