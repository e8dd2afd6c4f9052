import { loadConfig } from '../ci';
import { openDatasetFolder, openPatchCache, voxelsOf } from '../datasets';
import { patchContractOf } from '../services/training';
import { abortOnInterrupt } from './interrupt';
import { say, startProgress } from './terminal';

/** Cuts every candidate's patch of a dataset into the cache, so that training begins at once. */
export async function cachePatches(dir: string, overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const contract = patchContractOf(config);
  const { cache_dir: cacheDir, memory_mb: memoryMb } = config.data;
  const signal = abortOnInterrupt();
  const opening = startProgress('open');
  const dataset = await openDatasetFolder(dir, {
    onProgress: (done, total) => {
      opening.update(done, total, `${done} of ${total} scans`);
    },
  });
  const { series, candidates } = dataset.manifest;
  opening.end(`${series.length} scans in ${dir}`);

  const cutting = startProgress('patches');
  await openPatchCache(dataset, candidates, {
    cacheDir,
    contract,
    memoryMb,
    signal,
    onProgress: (done, total) => {
      cutting.update(done, total, `${done} of ${total} patches`);
    },
  });
  const gib = (candidates.length * voxelsOf(contract) * Int16Array.BYTES_PER_ELEMENT) / 2 ** 30;
  cutting.end(`${candidates.length} patches of ${contract.patchSize.join(' × ')}, ${gib.toFixed(2)} GiB`);
  say(`cached in ${cacheDir}; training with the same patch and cache takes them from there`);
}
