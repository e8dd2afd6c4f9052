import type { Command } from 'commander';

export function registerTrainCommand(program: Command): void {
  program
    .command('train')
    .description('Train a model and write its bundle; a stopped training is taken up where it was')
    .argument('[overrides...]', 'config overrides, such as experiment=luna trainer.max_epochs=10')
    .action(async (overrides: string[]) => {
      const { runStages } = await import('../run-stages.ts');
      const { train } = await runStages(overrides, 'train');
      process.stdout.write(`${train!.bundleDir}\n`);
    });
}
