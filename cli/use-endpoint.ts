import { loadConfig, registryRoot } from '../ci';
import { deploy, endpointStatus, processRuntime, stopEndpoint } from '../containers';
import { openRegistry } from '../registry';
import { servingCommand } from '../services/serving';

/** Starts the version in the background and prints where it answers. */
export async function deployModel(model: string, overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const registry = openRegistry(registryRoot(config));
  try {
    const { name, version, bundleDir } = await registry.resolve(model);
    const { url, outcome, notes } = await deploy({
      root: config.root,
      ...config.deploy,
      version: `${name}@${version}`,
      bundleDir,
      runtime: processRuntime(),
      service: servingCommand(),
    });
    for (const note of notes) say(note);
    say(`${name}@${version} ${outcome === 'kept' ? 'is served already' : 'serves'} at ${url}`);
  } finally {
    registry.close();
  }
}

export async function showStatus(overrides: string[]): Promise<void> {
  const { root, deploy: target } = loadConfig(overrides);
  const { state, version, url, pid, bundleDigest } = await endpointStatus(root, target.endpoint);
  say(`${target.endpoint}: ${state}`);
  if (state !== 'absent')
    say(`  ${version ?? ''}  ${bundleDigest ?? ''}\n  ${url ?? 'no address'}  pid ${pid ?? 'none'}`);
}

export async function stop(overrides: string[]): Promise<void> {
  const { root, deploy: target } = loadConfig(overrides);
  say(`${target.endpoint}: ${(await stopEndpoint(root, target.endpoint)) ? 'stopped' : 'was not running'}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
