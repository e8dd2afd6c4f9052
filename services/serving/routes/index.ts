import { admission } from '../admission';
import type { Endpoint } from '../endpoint';
import { openApiDocument } from '../openapi';
import { aboutRoutes } from './about';
import { classifyRoute } from './classify';
import { healthRoutes } from './health';
import { modelRoutes } from './model';
import type { Route } from './route';

/** Every address of the endpoint. */
export function routesOf(endpoint: Endpoint): Route[] {
  const admit = admission(endpoint.limits);
  const routes = [
    ...aboutRoutes(endpoint),
    ...healthRoutes(endpoint),
    ...modelRoutes(endpoint, admit),
    classifyRoute(endpoint, admit),
  ];
  const document = openApiDocument(routes);
  const described: Route = {
    method: 'get',
    path: '/openapi.json',
    operation: { summary: 'This document', reply: null },
    handle: (_request, response) => {
      response.json(document);
    },
  };
  return [...routes, described];
}
