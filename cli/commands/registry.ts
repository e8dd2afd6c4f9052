import type { Command } from 'commander';

export function registerRegistryCommands(program: Command): void {
  program
    .command('register')
    .description('Give a validated bundle a semantic version; the registry checks the evidence for itself')
    .argument('<bundle>', 'folder of the model bundle')
    .argument('<evidence>', 'folder of its evidence')
    .argument('[overrides...]', 'config overrides')
    .option('--run <id>', 'the run that trained it', '')
    .action(async (bundle: string, evidence: string, overrides: string[], options: { run: string }) => {
      const { registerBundle } = await import('../use-registry.ts');
      await registerBundle(bundle, evidence, options.run, overrides);
    });

  program
    .command('promote')
    .description('Move an alias to a version')
    .argument('<model>', 'name@version, such as nodule-classifier@1.2.0')
    .argument('<alias>', 'such as champion')
    .argument('[overrides...]', 'config overrides')
    .requiredOption('--why <reason>', 'kept in the history')
    .action(async (model: string, alias: string, overrides: string[], options: { why: string }) => {
      const { promote } = await import('../use-registry.ts');
      await promote(model, alias, options.why, overrides);
    });

  program
    .command('rollback')
    .description('Move an alias back to the version before')
    .argument('<model>', 'name of the model')
    .argument('[overrides...]', 'config overrides')
    .option('--alias <alias>', 'alias to move', 'champion')
    .requiredOption('--why <reason>', 'kept in the history')
    .action(async (name: string, overrides: string[], options: { alias: string; why: string }) => {
      const { rollback } = await import('../use-registry.ts');
      await rollback(name, options.alias, options.why, overrides);
    });

  const registry = program.command('registry').description('Look into the registry');
  registry
    .command('versions')
    .description('List the versions of a model')
    .argument('<name>', 'name of the model')
    .argument('[overrides...]', 'config overrides')
    .action(async (name: string, overrides: string[]) => {
      const { listVersions } = await import('../use-registry.ts');
      await listVersions(name, overrides);
    });
  registry
    .command('history')
    .description('Every change, oldest first')
    .argument('[overrides...]', 'config overrides')
    .action(async (overrides: string[]) => {
      const { showHistory } = await import('../use-registry.ts');
      await showHistory(overrides);
    });
  registry
    .command('verify')
    .description('Re-hash every stored byte and walk the chain of the history')
    .argument('[overrides...]', 'config overrides')
    .action(async (overrides: string[]) => {
      const { verifyRegistry } = await import('../use-registry.ts');
      await verifyRegistry(overrides);
    });
}
