import { version as releaseVersion } from '../../../package.json';
import type { Endpoint } from '../endpoint';
import { serverMetadataSchema } from '../protocol';
import { startPage } from '../start-page';
import type { Route } from './route';

/** What this is. */
export function aboutRoutes({ model }: Endpoint): Route[] {
  return [
    {
      method: 'get',
      path: '/',
      operation: { summary: 'What this is and how to call it', reply: null },
      handle: (request, response) => {
        const page = startPage(model, `http://${request.headers.host ?? '127.0.0.1'}`);
        response.format({ json: () => response.json(page.json), html: () => response.send(page.html) });
      },
    },
    {
      method: 'get',
      path: '/v2',
      operation: { summary: 'Server metadata', reply: serverMetadataSchema },
      handle: (_request, response) => {
        response.json({ name: 'lungate', version: releaseVersion, extensions: ['binary_tensor_data'] });
      },
    },
  ];
}
