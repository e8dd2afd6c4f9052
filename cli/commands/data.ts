import type { Command } from 'commander';

export function registerDataCommands(program: Command): void {
  const data = program.command('data').description('Datasets in the layout of LUNA16');

  data
    .command('phantom')
    .description('Write a synthetic chest-CT dataset from a seed')
    .argument('<dir>', 'folder to write; a half-made one is taken up where it was')
    .option('--scans <n>', 'number of scans', Number, 20)
    .option('--seed <n>', 'the same seed gives the same bytes', Number, 1)
    .option('--difficulty <0..1>', 'fainter nodules, more noise, closer look-alikes', Number, 0.5)
    .action(async (dir: string, options: { scans: number; seed: number; difficulty: number }) => {
      const { makePhantom } = await import('../make-phantom.ts');
      await makePhantom(dir, options);
    });

  data
    .command('check')
    .description('Read every scan and table of a dataset and tell all that is wrong; exit code 1 where something is')
    .argument('<dir>', 'folder with subset0 … subset9, annotations.csv and candidates_V2.csv')
    .option('--split <path>', 'folder or file of a split: nobody may stand on two of its sides')
    .option('--html <file>', 'write a page with a picture of each scan')
    .option('--json', 'the whole report as JSON instead of a table', false)
    .action(async (dir: string, options: { split?: string; html?: string; json: boolean }) => {
      const { checkDatasetFolder } = await import('../check-dataset.ts');
      await checkDatasetFolder(dir, options);
    });

  data
    .command('view')
    .description('Look at a dataset or a scan in the browser: slices, candidates, and patches as the model sees them')
    .argument('<path>', 'dataset folder, or one scan: .mhd, .nii.gz, .nrrd, a DICOM folder or zip')
    .argument('[overrides...]', 'what a patch is and how it is varied, as in training: augmentation=light')
    .option('--port <n>', 'port on this machine; a free one if left out', Number, 0)
    .action(async (path: string, overrides: string[], options: { port: number }) => {
      const { viewData } = await import('../view-data.ts');
      await viewData(path, overrides, options);
    });
}
