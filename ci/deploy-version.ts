import { deploy, processRuntime, type Deployment } from '../containers';
import { openRegistry } from '../registry';
import { servingCommand } from '../services/serving';
import { registryRoot, type LungateConfig } from './config';

/** Puts a registered version (`name@1.0.0`, `name@^1`, `name@champion`) behind the endpoint that the config names. */
export async function deployVersion(config: LungateConfig, model: string): Promise<Deployment> {
  const registry = openRegistry(registryRoot(config));
  try {
    const { name, version, bundleDir } = await registry.resolve(model);
    return await deploy({
      root: config.root,
      ...config.deploy,
      version: `${name}@${version}`,
      bundleDir,
      runtime: processRuntime(),
      service: servingCommand(),
    });
  } finally {
    registry.close();
  }
}
