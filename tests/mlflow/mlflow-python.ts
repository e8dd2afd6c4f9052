import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The Python that the `mlflow` program runs with, which is the one that can import it. */
export function mlflowPython(): string {
  const program = execFileSync('sh', ['-c', 'command -v mlflow'], { encoding: 'utf8' }).trim();
  const [firstLine = ''] = readFileSync(program, 'utf8').split('\n');
  return firstLine.replace(/^#!/, '');
}
