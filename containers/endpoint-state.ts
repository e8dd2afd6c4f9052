import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readJson, withFileLock, writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import { containersError } from './errors';

const revisionSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+-]*$/),
  /** `name@1.0.0` */
  version: z.string(),
  bundleDigest: z.string(),
  runtime: z.literal('process'),
});

/** One started process or container of a model version. */
export type Revision = z.infer<typeof revisionSchema>;

const stateSchema = z.strictObject({
  endpoint: z.string(),
  /** Where requests go. */
  active: revisionSchema.nullable(),
  /** Started, but not (or no longer) where requests go: whoever finds these after a crash stops them. */
  unsettled: z.array(revisionSchema),
});

export type EndpointState = z.infer<typeof stateSchema>;

const KEPT_LOGS = 5;

/** The state file of an endpoint, or an empty state where there is none. Throws ENDPOINT_NAME, ENDPOINT_STATE_DAMAGED. */
export async function readState(root: string, endpoint: string): Promise<EndpointState> {
  const file = stateFile(root, endpoint);
  const damaged = (problem: string, cause?: unknown) =>
    containersError('ENDPOINT_STATE_DAMAGED', { endpoint, file, problem }, cause);
  const value = await readJson(file).catch((cause: unknown) => {
    throw damaged('it is not JSON', cause);
  });
  if (value === undefined) return { endpoint, active: null, unsettled: [] };
  const parsed = stateSchema.safeParse(value);
  if (!parsed.success) throw damaged(parsed.error.issues[0]?.message ?? 'it has another form');
  return parsed.data;
}

export async function writeState(root: string, state: EndpointState): Promise<void> {
  await writeJsonDurably(stateFile(root, state.endpoint), state);
}

/** One deploy or stop of an endpoint at a time. Throws ENDPOINT_BUSY. */
export async function withEndpointLock<T>(root: string, endpoint: string, work: () => Promise<T>): Promise<T> {
  const file = stateFile(root, endpoint);
  await mkdir(endpointDir(root, endpoint), { recursive: true });
  try {
    return await withFileLock(file, work);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    throw containersError('ENDPOINT_BUSY', { endpoint }, error);
  }
}

/** Folder of a revision: its logs, and what its runtime knows it by. */
export function revisionDir(root: string, endpoint: string, { id }: Pick<Revision, 'id'>): string {
  return join(endpointDir(root, endpoint), id);
}

/** Removes the logs of all but the latest revisions. */
export async function removeOldLogs(root: string, { endpoint, active, unsettled }: EndpointState): Promise<void> {
  const inUse = new Set([active, ...unsettled].map((revision) => revision?.id));
  const dir = endpointDir(root, endpoint);
  const old = await Promise.all(
    (await readdir(dir))
      .filter((id) => !inUse.has(id))
      .map(async (id) => ({ id, at: (await stat(join(dir, id))).mtimeMs })),
  );
  old.sort((a, b) => b.at - a.at);
  for (const { id } of old.slice(KEPT_LOGS)) await rm(join(dir, id), { recursive: true, force: true });
}

function endpointDir(root: string, endpoint: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(endpoint)) throw containersError('ENDPOINT_NAME', { name: endpoint });
  return join(resolve(root), 'endpoints', endpoint);
}

function stateFile(root: string, endpoint: string): string {
  return `${endpointDir(root, endpoint)}.json`;
}
