import express, { type Express } from 'express';
import type { Endpoint } from './endpoint';
import { replyWithError } from './error-reply';
import { servingError } from './errors';
import { notesOf, requestLog } from './request-log';
import { routesOf } from './routes';

/** The endpoint as an Express app: log, routes, then the coded errors of all of them. */
export function createApp(endpoint: Endpoint): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(requestLog(endpoint.log));
  app.use((_request, response, next) => {
    // A client that keeps its connection would otherwise send its next request to a process about to end.
    if (endpoint.draining) response.set('Connection', 'close');
    next();
  });

  const methods = new Map<string, string[]>();
  for (const { method, path, body = [], handle } of routesOf(endpoint)) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    app[method](
      pattern,
      (_request, response, next) => {
        notesOf(response).route = path;
        next();
      },
      ...body,
      handle,
    );
    methods.set(pattern, [...(methods.get(pattern) ?? []), method.toUpperCase()]);
  }
  for (const [pattern, allowed] of methods) {
    app.all(pattern, (request, response) => {
      response.set('Allow', allowed.join(', '));
      throw servingError('METHOD_NOT_ALLOWED', { method: request.method, allowed: allowed.join(' or ') });
    });
  }
  app.use(() => {
    throw servingError('ROUTE_UNKNOWN');
  });
  app.use(replyWithError);
  return app;
}
