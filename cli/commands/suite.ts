import type { Command } from 'commander';

export function registerSuiteCommand(program: Command): void {
  program
    .command('suite')
    .description('Validation suites')
    .command('freeze')
    .description('Pin a holdout: write the patients and the digest of their scans into a suite file')
    .argument('<template>', 'suite to take metrics and thresholds from')
    .argument('<suite>', 'suite file to write')
    .argument('[overrides...]', 'config overrides that name the dataset')
    .option('--fraction <f>', 'part of the patients to hold out', Number, 0.25)
    .action(async (template: string, suite: string, overrides: string[], options: { fraction: number }) => {
      const { pinHoldout } = await import('../pin-holdout.ts');
      await pinHoldout(template, suite, overrides, options.fraction);
    });
}
