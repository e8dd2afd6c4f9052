import { openDataModule } from '../../datasets';
import { makeDataset } from './made-dataset';

/** Goes through an epoch in a process of its own, and says the most memory it took beyond what it began with. */
async function main(dir: string, cacheDir: string, options: { perScan: number; memoryMb: number }): Promise<void> {
  const dataset = await makeDataset(dir, { scans: 4, perScan: options.perScan, size: [48, 64, 64] });
  const train = dataset.manifest.series.map(({ patientId }) => patientId);
  const split = { train, validation: [], test: [] };
  const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
  const atFirst = megabytes();
  const data = await openDataModule({ dataset, split, cacheDir, memoryMb: options.memoryMb, workers: 2 });
  const afterCutting = megabytes();
  let [patches, most] = [0, 0];
  for (let epoch = 0; epoch < 2; epoch++) {
    for await (const { y } of data.trainBatches(epoch, { reuse: true })) {
      patches += y.length;
      most = Math.max(most, megabytes());
    }
  }
  await data.close();
  console.log(JSON.stringify({ patches, cutting: afterCutting - atFirst, training: most - afterCutting }));
}

const [dir, cacheDir, options] = process.argv.slice(2);
void main(dir!, cacheDir!, JSON.parse(options!) as { perScan: number; memoryMb: number });
