import type { Command } from 'commander';

export function registerGateCommands(program: Command): void {
  const gate = program.command('gate').description('The gate: its policy, and evidence judged again');
  gate
    .command('explain')
    .description(
      'Print suite and policy as a change control plan: what may change, how it is tested, what happens then',
    )
    .argument('[overrides...]', 'config overrides that name suite and policy: suite.file=… gate.file=…')
    .action(async (overrides: string[]) => {
      const { explainGate } = await import('../explain-gate.ts');
      await explainGate(overrides);
    });
}
