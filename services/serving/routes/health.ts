import type { Response } from 'express';
import { type Endpoint, isReady } from '../endpoint';
import type { Route } from './route';

/** Whether to send requests here, as the protocol asks it. */
export function healthRoutes(endpoint: Endpoint): Route[] {
  const answer = (response: Response, key: 'live' | 'ready', value: boolean) => {
    response.status(value ? 200 : 503).json({ [key]: value });
  };
  return [
    {
      method: 'get',
      path: '/v2/health/live',
      operation: { summary: 'Whether the process answers', reply: null },
      handle: (_request, response) => {
        answer(response, 'live', true);
      },
    },
    {
      method: 'get',
      path: '/v2/health/ready',
      operation: { summary: 'Whether requests should be sent here; 503 where not', reply: null },
      handle: (_request, response) => {
        answer(response, 'ready', isReady(endpoint));
      },
    },
  ];
}
