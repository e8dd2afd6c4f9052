import { randomBytes } from 'node:crypto';
import { type Bundle, readBundle } from 'model-bundle';
import { checkIdentity, replayGoldenCases, servesBundle, type Trial, waitUntilReady } from './check-revision';
import {
  type EndpointState,
  readState,
  removeOldLogs,
  type Revision,
  revisionDir,
  withEndpointLock,
  writeState,
} from './endpoint-state';
import { containersError } from './errors';
import { isPortFree } from './port';
import type { Running, Runtime, ServiceCommand } from './runtime';

export interface DeployOptions {
  /** Lungate's folder; state goes to `<root>/endpoints/<endpoint>.json`, logs to the folder of that name. */
  root: string;
  endpoint: string;
  /** `name@1.0.0` */
  version: string;
  bundleDir: string;
  runtime: Runtime;
  /** How to run the serving service; --bundle, --version, --host and --port are added. */
  service: ServiceCommand;
  host?: string;
  /** 0 for a free one. */
  port: number;
  readyWithinMs?: number;
}

/** What serves now, and what was done for it. */
export interface Deployment {
  endpoint: string;
  version: string;
  bundleDigest: string;
  revision: string;
  url: string;
  pid: number;
  /** `kept`: it was serving already and is healthy. */
  outcome: 'started' | 'kept';
  /** Golden cases that were replayed. */
  goldenCases: number;
  /** What the caller should be told, for example why the address is not the one asked for. */
  notes: string[];
}

/**
 * Puts a bundle behind an endpoint: start it beside what serves, wait, check that it answers as validated, only then
 * make it the one that serves, and stop the old one. A failure, or a kill at any instant, leaves the old one serving;
 * calling again settles what was left and does no more than needed.
 *
 * Throws the errors of readBundle, ENDPOINT_NAME, ENDPOINT_BUSY, ENDPOINT_STATE_DAMAGED, PORT_IN_USE, RUNTIME_START_FAILED,
 * REVISION_DIED, REVISION_NOT_READY, REVISION_WRONG_MODEL, GOLDEN_CASE_FAILED, GOLDEN_CASE_REFUSED.
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const bundle = await readBundle(options.bundleDir);
  return withEndpointLock(options.root, options.endpoint, async () => {
    const state = await settle(options);
    const kept = await keepHealthy(options, state, bundle);
    if (kept) return kept;
    const { port, notes } = await choosePort(options, state);
    const revision = newRevision(options, bundle);
    // Written before the start: a revision that exists is always a revision that is known.
    await writeState(options.root, { ...state, unsettled: [revision] });
    const { url, pid, goldenCases } = await startAndCheck(options, state, bundle, revision, port);
    const leaving = state.active ? [state.active] : [];
    await writeState(options.root, { ...state, active: revision, unsettled: leaving });
    await settle(options);
    const { endpoint, version } = options;
    const outcome = 'started';
    if (goldenCases === 0) notes.push('The bundle has no golden cases, so its answers were not checked.');
    return {
      endpoint,
      version,
      bundleDigest: bundle.digest,
      revision: revision.id,
      url,
      pid,
      outcome,
      goldenCases,
      notes,
    };
  });
}

/** Stops what is not where requests go: what an earlier deploy left when it was killed, or the one just replaced. */
async function settle({ root, endpoint, runtime }: DeployOptions): Promise<EndpointState> {
  const state = await readState(root, endpoint);
  if (state.unsettled.length === 0) return state;
  await Promise.all(state.unsettled.map((revision) => runtime.stop(revisionDir(root, endpoint, revision))));
  const settled = { ...state, unsettled: [] };
  await writeState(root, settled);
  await removeOldLogs(root, settled);
  return settled;
}

async function keepHealthy(
  { root, endpoint, version, runtime, port }: DeployOptions,
  { active }: EndpointState,
  bundle: Bundle,
): Promise<Deployment | null> {
  if (active?.bundleDigest !== bundle.digest || active.version !== version) return null;
  const dir = revisionDir(root, endpoint, active);
  const running = await runtime.running(dir);
  if (!running?.url || !(await runtime.health(dir))) return null;
  if (!(await servesBundle(running.url, version, bundle.digest))) return null;
  const { pid, url } = running;
  const moved = port !== 0 && portOf(url) !== port;
  return {
    endpoint,
    version,
    bundleDigest: bundle.digest,
    revision: active.id,
    url,
    pid,
    outcome: 'kept',
    goldenCases: 0,
    notes: moved ? [`It goes on at port ${portOf(url)}. To move it to ${port}, stop the endpoint first.`] : [],
  };
}

/** The port asked for; a free one where only the revision to be replaced stands in the way. */
async function choosePort(
  { root, endpoint, runtime, host = '127.0.0.1', port }: DeployOptions,
  { active }: EndpointState,
): Promise<{ port: number; notes: string[] }> {
  if (port === 0 || (await isPortFree(host, port))) return { port, notes: [] };
  const running: Running | null = active && (await runtime.running(revisionDir(root, endpoint, active)));
  if (!running?.url || portOf(running.url) !== port) throw containersError('PORT_IN_USE', { host, port });
  return { port: 0, notes: [`Port ${port} was held by the revision that served until now, so this one has another.`] };
}

function newRevision({ version, runtime }: DeployOptions, bundle: Bundle): Revision {
  const number = version.slice(version.lastIndexOf('@') + 1);
  const id = `${number}-${randomBytes(4).toString('hex')}`;
  return { id, version, bundleDigest: bundle.digest, runtime: runtime.name as Revision['runtime'] };
}

async function startAndCheck(
  options: DeployOptions,
  state: EndpointState,
  bundle: Bundle,
  revision: Revision,
  port: number,
): Promise<{ url: string; pid: number; goldenCases: number }> {
  const { root, endpoint, version, runtime, service, host = '127.0.0.1', readyWithinMs = 60_000 } = options;
  const dir = revisionDir(root, endpoint, revision);
  const trial: Trial = { endpoint, runtime, dir, version, bundle };
  const args = ['--bundle', bundle.dir, '--version', version, '--host', host, '--port', String(port)];
  try {
    await runtime.start(dir, { ...service, args: [...service.args, ...args] });
    const { url, pid } = await waitUntilReady(trial, readyWithinMs);
    await checkIdentity(trial, url);
    return { url, pid, goldenCases: await replayGoldenCases(trial, url) };
  } catch (error) {
    await runtime.stop(dir, 2_000);
    await writeState(root, state);
    throw error;
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
