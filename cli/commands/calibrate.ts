import type { Command } from 'commander';

export function registerCalibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .description('Divide the logits of a trained model by a temperature fitted on its validation split: a new bundle')
    .argument('<run>', 'id of a run, or the folder of a model bundle')
    .argument('<out>', 'folder to write the new bundle to; the old one stays')
    .argument('[overrides...]', 'config overrides that name the dataset')
    .option('--split <file>', 'the split that it was trained with; found by its digest when left out')
    .action(async (run: string, out: string, overrides: string[], options: { split?: string }) => {
      const { calibrateModel } = await import('../calibrate-model.ts');
      await calibrateModel(run, out, overrides, options);
    });
}
