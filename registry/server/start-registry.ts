import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { openRegistry, type Registry, type RegistryOptions } from '../open-registry';
import { type AccessOptions, checkBinding, checkHost, checkToken } from './access';
import { mountArtifactRoutes } from './artifact-routes';
import { mountEndpoints } from './endpoint';
import { sendError, unknownEndpoint } from './http-errors';
import { lungateEndpoints } from './lungate-endpoints';
import { modelEndpoints } from './model-endpoints';
import { trackingEndpoints } from './tracking-endpoints';

export interface ServerOptions extends RegistryOptions {
  root: string;
  /** Any but a loopback address needs a token. */
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  token?: string;
}

export interface RegistryServer {
  /** What to give a client as its tracking URI. */
  url: string;
  registry: Registry;
  /** Answers what has arrived, then closes the database. */
  close: () => Promise<void>;
}

/** Serves a registry folder to MLflow's clients. Throws REGISTRY_NEEDS_TOKEN, REGISTRY_SCHEMA_NEWER. */
export async function startRegistry(options: ServerOptions): Promise<RegistryServer> {
  const { root, host = '127.0.0.1', port = 0, token, ...registryOptions } = options;
  checkBinding({ host, token });
  const registry = openRegistry(root, registryOptions);
  const server = createServer(createApp(registry, { host, token }));
  try {
    await listen(server, host, port);
  } catch (error) {
    registry.close();
    throw error;
  }
  return {
    url: urlOf(server.address() as AddressInfo),
    registry,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      registry.close();
    },
  };
}

function createApp(registry: Registry, access: AccessOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(checkHost(access));
  app.get('/health', (_request, response) => void response.send('OK'));
  app.use(checkToken(access));
  for (const api of ['/api/2.0', '/ajax-api/2.0']) {
    mountArtifactRoutes(app, api, registry.db, registry.store);
    mountEndpoints(app, `${api}/mlflow`, [...trackingEndpoints(registry.db), ...modelEndpoints(registry)]);
    mountEndpoints(app, `${api}/lungate`, lungateEndpoints(registry));
  }
  app.use(unknownEndpoint);
  app.use(sendError);
  return app;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
