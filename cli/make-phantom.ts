import { generatePhantom } from '../datasets';
import { startProgress } from './terminal';

export async function makePhantom(
  dir: string,
  { scans, seed, difficulty }: { scans: number; seed: number; difficulty: number },
): Promise<void> {
  const progress = startProgress('phantom');
  await generatePhantom(dir, {
    seed,
    scans,
    difficulty,
    onProgress: (done, total) => {
      progress.update(done, total, `${done} of ${total} scans`);
    },
  });
  progress.end(`${scans} phantom scans in ${dir}`);
}
