import type { Request, RequestHandler, Response } from 'express';
import type { Operation } from '../openapi';

/** One address of the endpoint. The table of these is both the server and its OpenAPI document. */
export interface Route {
  method: 'get' | 'post';
  /** In OpenAPI's form, as in `/v2/models/{name}`. */
  path: string;
  operation: Operation;
  /** What a body passes before the handler. */
  body?: RequestHandler[];
  handle: (request: Request, response: Response) => Promise<void> | void;
}
