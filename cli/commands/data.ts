import type { Command } from 'commander';

export function registerDataCommands(program: Command): void {
  const data = program.command('data').description('Datasets in the layout of LUNA16');

  data
    .command('phantom')
    .description('Write a synthetic chest-CT dataset from a seed')
    .argument('<dir>', 'folder to write; a half-made one is taken up where it was')
    .option('--scans <n>', 'number of scans', Number, 20)
    .option('--seed <n>', 'the same seed gives the same bytes', Number, 1)
    .action(async (dir: string, options: { scans: number; seed: number }) => {
      const { makePhantom } = await import('../make-phantom.ts');
      await makePhantom(dir, options);
    });

  data
    .command('check')
    .description('Read a dataset and tell what is in it; the first thing wrong is named')
    .argument('<dir>', 'folder with subset0 … subset9, annotations.csv and candidates_V2.csv')
    .action(async (dir: string) => {
      const { checkDataset } = await import('../check-dataset.ts');
      await checkDataset(dir);
    });
}
