import { servesBundle } from './check-revision';
import { readState, revisionDir, withEndpointLock, writeState } from './endpoint-state';
import { processRuntime } from './process-runtime';

/** An endpoint as it is now, not as it was left. */
export interface EndpointStatus {
  endpoint: string;
  /** `absent`: never deployed, or stopped. `dead`: its process ended. `unhealthy`: it runs, but does not answer rightly. */
  state: 'serving' | 'unhealthy' | 'dead' | 'absent';
  version: string | null;
  bundleDigest: string | null;
  revision: string | null;
  url: string | null;
  pid: number | null;
  /** Revisions that an interrupted deploy left; the next deploy or stop ends them. */
  unsettled: number;
}

/** Looks at the process and asks it who it is. Throws ENDPOINT_NAME, ENDPOINT_STATE_DAMAGED. */
export async function endpointStatus(root: string, endpoint: string): Promise<EndpointStatus> {
  const { active, unsettled } = await readState(root, endpoint);
  const known = {
    endpoint,
    version: active?.version ?? null,
    bundleDigest: active?.bundleDigest ?? null,
    revision: active?.id ?? null,
    unsettled: unsettled.length,
  };
  if (!active) return { ...known, state: 'absent', url: null, pid: null };
  const runtime = processRuntime();
  const dir = revisionDir(root, endpoint, active);
  const running = await runtime.running(dir);
  if (!running) return { ...known, state: 'dead', url: null, pid: null };
  const { url, pid } = running;
  const healthy =
    url !== null && (await runtime.health(dir)) && (await servesBundle(url, active.version, active.bundleDigest));
  return { ...known, state: healthy ? 'serving' : 'unhealthy', url, pid };
}

/**
 * Lets what serves finish and ends it; false where nothing did.
 * Throws ENDPOINT_NAME, ENDPOINT_BUSY, ENDPOINT_STATE_DAMAGED.
 */
export async function stopEndpoint(root: string, endpoint: string): Promise<boolean> {
  return withEndpointLock(root, endpoint, async () => {
    const state = await readState(root, endpoint);
    const all = state.active ? [state.active, ...state.unsettled] : state.unsettled;
    if (all.length === 0) return false;
    const runtime = processRuntime();
    await Promise.all(all.map((revision) => runtime.stop(revisionDir(root, endpoint, revision))));
    await writeState(root, { endpoint, active: null, unsettled: [] });
    return true;
  });
}
