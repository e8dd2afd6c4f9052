import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { viewerApp } from './app';
import { bundlePage } from './bundle-page';
import { viewError } from './errors';
import type { PatchSettings } from './patch-strip';
import type { ViewedSource } from './source';

export interface DataViewerOptions {
  source: ViewedSource;
  patches: PatchSettings;
  /** 0 or left out: a free one. */
  port?: number;
  onDefect?: (error: unknown) => void;
}

export interface DataViewer {
  url: string;
  close: () => Promise<void>;
}

/**
 * Serves the viewer's page on this machine's loopback address only.
 *
 * @throws CodedError VIEW_PORT_TAKEN.
 *
 * ```ts
 * const source = await openSource('data/luna16');
 * const viewer = await startDataViewer({ source, patches: { contract: LUNA_PATCH, augmentation: null } });
 * console.log(viewer.url);
 * ```
 */
export async function startDataViewer({
  source,
  patches,
  port = 0,
  onDefect = console.error,
}: DataViewerOptions): Promise<DataViewer> {
  const script = await bundlePage();
  const server = createServer(viewerApp({ source, settings: patches, script, onDefect }));
  await listen(server, port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const taken = ['EADDRINUSE', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code));
    throw taken ? viewError('VIEW_PORT_TAKEN', { port }, error) : error;
  }
}
