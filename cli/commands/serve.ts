import type { Command } from 'commander';

export function registerServeCommands(program: Command): void {
  program
    .command('serve')
    .description('Serve a registered version in the foreground')
    .argument('<model>', 'name@version, name@^1 or name@champion')
    .argument('[overrides...]', 'config overrides, such as deploy.port=9000')
    .action(async (model: string, overrides: string[]) => {
      const { serveModel } = await import('../serve-model.ts');
      await serveModel(model, overrides);
    });
  program
    .command('server')
    .description('The tracking and registry server (MLflow REST), in the foreground')
    .argument('[overrides...]', 'config overrides')
    .option('--port <n>', 'port on the loopback interface', Number, 5000)
    .action(async (overrides: string[], options: { port: number }) => {
      const { runServer } = await import('../run-server.ts');
      await runServer(overrides, options.port);
    });
}
