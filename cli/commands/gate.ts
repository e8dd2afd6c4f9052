import type { Command } from 'commander';

export function registerGateCommands(program: Command): void {
  const gate = program.command('gate').description('The gate: its policy, and evidence judged again');
  gate
    .command('check')
    .description(
      'Judge evidence again without model and scans: signature, digests, every rule, and what scores.csv gives',
    )
    .argument('<evidence>', 'folder of the evidence')
    .argument('[overrides...]', 'config overrides that name the root whose gate is trusted')
    .option('--key <gate.pub.pem>', 'public key of the gate to trust; the one of the root when left out')
    .option('--policy <file>', 'the policy that it must have been judged by')
    .option('--suite <file>', 'the suite that it must have come from')
    .option('--summary <file>', 'add the verdict in Markdown to this file')
    .addHelpText('after', '\nEnds with 0 for a pass, 3 for a fail, 1 for evidence that does not hold.')
    .action(async (evidence: string, overrides: string[], options: GateCheckOptions) => {
      const { checkEvidence } = await import('../check-evidence.ts');
      await checkEvidence(evidence, overrides, options);
    });
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

interface GateCheckOptions {
  key?: string;
  policy?: string;
  suite?: string;
  summary?: string;
}
