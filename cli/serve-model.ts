import { loadConfig, withRegistry } from '../ci';
import { startServing } from '../services/serving';
import { abortOnInterrupt, untilAborted } from './interrupt';
import { say } from './terminal';

/** Serves in the foreground until Ctrl-C, one line of log a request. */
export async function serveModel(model: string, overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const signal = abortOnInterrupt();
  const { name, version, bundleDir } = await withRegistry(config, (registry) => registry.resolve(model));
  const serving = await startServing({
    bundleDir,
    version: `${name}@${version}`,
    host: config.deploy.host,
    port: config.deploy.port,
    log: (line) => process.stderr.write(`${JSON.stringify(line)}\n`),
  });
  say(`${name}@${version} serves at ${serving.url}\nPress Ctrl-C to stop.`);
  await untilAborted(signal);
  await serving.close();
}
