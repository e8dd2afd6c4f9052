import { deploy, processRuntime, type Deployment } from '../containers';
import { servingCommand } from '../services/serving';
import type { LungateConfig } from './config';
import { withRegistry } from './with-registry';

/** Puts a registered version (`name@1.0.0`, `name@^1`, `name@champion`) behind the endpoint that the config names. */
export async function deployVersion(config: LungateConfig, model: string): Promise<Deployment> {
  const { name, version, bundleDir } = await withRegistry(config, (registry) => registry.resolve(model));
  return deploy({
    root: config.root,
    ...config.deploy,
    version: `${name}@${version}`,
    bundleDir,
    runtime: processRuntime(),
    service: servingCommand(),
  });
}
