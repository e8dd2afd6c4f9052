import { openRegistry, type Registry } from '../registry';
import { registryRoot, type LungateConfig } from './config';

/** Opens the registry that the config names for as long as `work` takes. */
export async function withRegistry<T>(config: LungateConfig, work: (registry: Registry) => Promise<T>): Promise<T> {
  const registry = openRegistry(registryRoot(config));
  try {
    return await work(registry);
  } finally {
    registry.close();
  }
}
