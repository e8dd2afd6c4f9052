import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/** One line of the log. It holds the route's pattern, never what a caller wrote: names, coordinates, file names. */
export interface LogLine {
  time: string;
  level: 'info' | 'error';
  event: string;
  [field: string]: unknown;
}

export type Log = (line: LogLine) => void;

export function logLine(level: LogLine['level'], event: string, fields: Record<string, unknown> = {}): LogLine {
  return { time: new Date().toISOString(), level, event, ...fields };
}

/** What a handler adds to its request's line. */
export interface RequestNotes {
  requestId: string;
  route?: string;
  code?: string;
  /** Where an unexpected error came from: frames without the message, which may quote a caller's data. */
  stack?: string;
}

export function notesOf(response: Response): RequestNotes {
  return response.locals as RequestNotes;
}

/** Gives each request an id, answers it as x-request-id, and writes one line when the reply is out or given up. */
export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    const requestId = requestIdOf(request);
    notesOf(response).requestId = requestId;
    response.set('x-request-id', requestId);
    response.once('close', () => {
      const { route = 'unmatched', code, stack } = notesOf(response);
      log(
        logLine(response.statusCode >= 500 ? 'error' : 'info', 'request', {
          requestId,
          method: request.method,
          route,
          status: response.writableFinished ? response.statusCode : 499,
          ms: Math.round((performance.now() - began) * 100) / 100,
          ...(code !== undefined && { code }),
          ...(stack !== undefined && { stack }),
        }),
      );
    });
    next();
  };
}

/** A caller's own id only where it is a UUID: anything freer could carry a patient's. */
function requestIdOf(request: Request): string {
  const given = request.get('x-request-id');
  return given !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given) ? given : randomUUID();
}
