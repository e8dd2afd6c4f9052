import type { RequestHandler } from 'express';
import type { Admit } from '../admission';
import { classify, CLASSIFY_FILES, classifyResponseSchema, patchSourceOf } from '../classify';
import type { Endpoint } from '../endpoint';
import { classifyJsonSchema } from '../patches';
import { acceptBody, BODY_LIMITS, readBytes, readForm } from '../request-body';
import type { Route } from './route';

/** The model for those who have a scan and coordinates rather than tensors. */
export function classifyRoute({ model, inference }: Endpoint, admit: Admit): Route {
  return {
    method: 'post',
    path: '/v1/classify',
    operation: {
      summary: 'Classifies candidates in a CT scan (MetaImage), or one patch',
      request: { 'application/json': classifyJsonSchema(model.signature.preprocessing), 'multipart/form-data': null },
      reply: classifyResponseSchema,
    },
    body: [
      acceptBody(['multipart/form-data', 'application/json']),
      admit(BODY_LIMITS.scan),
      byForm(readForm(CLASSIFY_FILES), readBytes(BODY_LIMITS.scanJson)),
    ],
    handle: async (request, response) => {
      const { source, transfer } = patchSourceOf(request);
      response.json(await classify(model, inference, source, transfer));
    },
  };
}

function byForm(form: RequestHandler, bytes: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.is('multipart/form-data')) form(request, response, next);
    else bytes(request, response, next);
  };
}
