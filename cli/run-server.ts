import { loadConfig, registryRoot } from '../ci';
import { startRegistry } from '../registry';
import { abortOnInterrupt, untilAborted } from './interrupt';

export async function runServer(overrides: string[], port: number): Promise<void> {
  const config = loadConfig(overrides);
  const signal = abortOnInterrupt();
  const server = await startRegistry({ root: registryRoot(config), port });
  process.stdout.write(
    `Tracking and registry at ${server.url}\nexport MLFLOW_TRACKING_URI=${server.url}\nPress Ctrl-C to stop.\n`,
  );
  await untilAborted(signal);
  await server.close();
}
