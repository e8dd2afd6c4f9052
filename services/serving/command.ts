import { join } from 'node:path';

/** How to run the endpoint as a process of its own; a runtime adds --bundle, --version, --host and --port. */
export function servingCommand(): { command: string; args: string[]; env: Record<string, string> } {
  return {
    command: process.execPath,
    args: ['--require', require.resolve('tsx/cjs'), join(__dirname, 'main.ts')],
    env: {},
  };
}
