import type { Command } from 'commander';

export function registerDeployCommands(program: Command): void {
  program
    .command('deploy')
    .description('Put a registered version behind its endpoint, in the background')
    .argument('<model>', 'name@version, name@^1 or name@champion')
    .argument('[overrides...]', 'config overrides, such as deploy.port=9000')
    .action(async (model: string, overrides: string[]) => {
      const { deployModel } = await import('../use-endpoint.ts');
      await deployModel(model, overrides);
    });
  program
    .command('status')
    .description('What the endpoint serves, and whether it is alive')
    .argument('[overrides...]', 'config overrides')
    .action(async (overrides: string[]) => {
      const { showStatus } = await import('../use-endpoint.ts');
      await showStatus(overrides);
    });
  program
    .command('stop')
    .description('Stop the endpoint')
    .argument('[overrides...]', 'config overrides')
    .action(async (overrides: string[]) => {
      const { stop } = await import('../use-endpoint.ts');
      await stop(overrides);
    });
}
