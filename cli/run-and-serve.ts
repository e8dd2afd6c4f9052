import { join } from 'node:path';
import { runPipeline, withPipeline, type StageResults } from '../ci';
import { stopEndpoint } from '../containers';
import { abortOnInterrupt, untilAborted } from './interrupt';
import { terminalReporter } from './pipeline-reporter';
import { paint, say } from './terminal';

/**
 * Runs the pipeline and says where to look. On a terminal the endpoint then stays in the foreground until Ctrl-C;
 * without one, it is stopped again, so that a job in CI leaves nothing behind. `detach` leaves it running.
 */
export async function runAndServe(overrides: string[], { detach }: { detach: boolean }): Promise<void> {
  const signal = abortOnInterrupt();
  await withPipeline(
    overrides,
    async (context) => {
      const results = await runPipeline(context, terminalReporter());
      showWhereToLook(results);
      if (detach) {
        say(`The endpoint goes on in the background. Stop it with: npx lungate stop`);
        return;
      }
      if (process.stdout.isTTY) {
        say('Serving. Press Ctrl-C to stop.');
        await untilAborted(signal);
      } else
        say(
          `No terminal, so the endpoint is stopped again. To serve: npx lungate deploy ${results.register.name}@champion`,
        );
      await stopEndpoint(context.config.root, context.config.deploy.endpoint);
    },
    signal,
  );
}

function showWhereToLook({ train, validate, register, deploy, classify }: StageResults): void {
  const label = (name: string) => paint('bold', name.padEnd(10), process.stdout);
  say('');
  say(`${label('model')}${register.name}@${register.version}  ${register.bundleDigest}`);
  say(`${label('report')}${join(validate.evidenceDir, 'report.html')}`);
  say(`${label('run')}${train.runId}  (browse: npx lungate server)`);
  say(`${label('endpoint')}${deploy.url}`);
  say('');
  say(`curl -F header=@${classify.scan} -F data=@${classify.voxels} \\`);
  say(`  -F 'candidates=[{"xyz":[${classify.xyz.join(',')}]}]' ${deploy.url}/v1/classify`);
  say('');
}
