import type { Command } from 'commander';

export function registerSuiteCommand(program: Command): void {
  const suite = program.command('suite').description('Validation suites');
  suite
    .command('freeze')
    .description('Pin a holdout: write the patients and the digest of their scans into a suite file')
    .argument('<template>', 'suite to take metrics and thresholds from')
    .argument('<suite>', 'suite file to write')
    .argument('[overrides...]', 'config overrides that name the dataset')
    .option('--fraction <f>', 'part of the patients to hold out', Number, 0.25)
    .action(async (template: string, file: string, overrides: string[], options: { fraction: number }) => {
      const { pinHoldout } = await import('../pin-holdout.ts');
      await pinHoldout(template, file, overrides, options.fraction);
    });
  suite
    .command('check')
    .description('Check a suite and its policy before anything is trained: rules, holdout, strata')
    .argument('[overrides...]', 'config overrides that name suite, policy and dataset')
    .action(async (overrides: string[]) => {
      const { checkSuite } = await import('../check-suite.ts');
      await checkSuite(overrides);
    });
  suite
    .command('uses')
    .description('List the models that were judged on the holdout of a suite: each use wears it a little')
    .argument('[suite]', 'suite file; the one of the config when left out')
    .argument('[overrides...]', 'config overrides')
    .action(async (file: string | undefined, overrides: string[]) => {
      const { listHoldoutUses } = await import('../list-holdout-uses.ts');
      await listHoldoutUses(file, overrides);
    });
}
