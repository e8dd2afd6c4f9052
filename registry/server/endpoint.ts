import { type Express, json, type Request } from 'express';
import { z } from 'zod';
import { registryError } from '../errors';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One call of a REST API: where it stands, and what it does with its parsed input. */
export interface Endpoint {
  method: Method;
  path: string;
  handle: (input: unknown) => unknown;
}

/** `schema` reads the query of a GET and the body of any other method; what does not fit is the caller's error. */
export function endpoint<T>(
  method: Method,
  path: string,
  schema: z.ZodType<T>,
  handle: (input: T) => unknown,
): Endpoint {
  return {
    method,
    path,
    handle(input) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) throw registryError('REGISTRY_INVALID', { problem: z.prettifyError(parsed.error) });
      return handle(parsed.data);
    },
  };
}

/** MLflow's own limit on a request is 1 MB; a little more lets its error be told from ours. */
const JSON_LIMIT_BYTES = 2_000_000;

export function mountEndpoints(app: Express, prefix: string, endpoints: Endpoint[]): void {
  const readBody = json({ limit: JSON_LIMIT_BYTES, type: () => true });
  for (const { method, path, handle } of endpoints) {
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
    app[verb](`${prefix}/${path}`, readBody, async (request, response) => {
      response.json((await handle(inputOf(request))) ?? {});
    });
  }
}

function inputOf(request: Request): unknown {
  return request.method === 'GET' ? request.query : (request.body ?? {});
}
