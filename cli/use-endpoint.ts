import { deployVersion, loadConfig } from '../ci';
import { endpointStatus, stopEndpoint } from '../containers';
import { say } from './terminal';

/** Starts the version in the background and prints where it answers. */
export async function deployModel(model: string, overrides: string[]): Promise<void> {
  const { version, url, outcome, notes } = await deployVersion(loadConfig(overrides), model);
  for (const note of notes) say(note);
  say(`${version} ${outcome === 'kept' ? 'is served already' : 'serves'} at ${url}`);
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
