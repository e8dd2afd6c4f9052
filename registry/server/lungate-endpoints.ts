import { z } from 'zod';
import type { Registry } from '../open-registry';
import { CHAMPION } from '../versions/aliases';
import { type Endpoint, endpoint } from './endpoint';

const name = z.string().min(1);
const why = z.string().trim().min(1, 'say why').max(2000);

/**
 * What MLflow's API has no words for. A version is made by `register` alone, which reads the bundle and the evidence
 * from this machine's disk; it has no endpoint, so that no request can point the server at a path.
 */
export function lungateEndpoints(registry: Registry): Endpoint[] {
  return [
    endpoint('GET', 'versions', z.object({ name }), async (query) => ({
      versions: await registry.versions(query.name),
    })),
    endpoint('GET', 'resolve', z.object({ spec: z.string() }), async ({ spec }) => ({
      version: await registry.find(spec),
    })),
    endpoint('GET', 'history', z.object({ name: name.optional() }), async (query) => ({
      history: await registry.history(query.name),
    })),
    endpoint('GET', 'verify', z.object({}), async () => ({ problems: await registry.verify() })),
    endpoint(
      'POST',
      'promote',
      z.object({ name, alias: name.default(CHAMPION), version: name, why }),
      async (body) => ({
        version: await registry.setAlias(body.name, body.alias, body.version, body.why),
      }),
    ),
    endpoint('POST', 'rollback', z.object({ name, alias: name.default(CHAMPION), why }), async (body) => ({
      version: await registry.rollback(body.name, body.why, body.alias),
    })),
  ];
}
