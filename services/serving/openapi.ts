import { z } from 'zod';
import { version as releaseVersion } from '../../package.json';
import { errorReplySchema } from './error-reply';

/** What the document says of a route beyond its method and path. */
export interface Operation {
  summary: string;
  /** Body by content type; null where the form has no JSON schema. */
  request?: Record<string, z.ZodType | null>;
  /** Schema of the JSON reply; null where it is free. */
  reply: z.ZodType | null;
}

interface Documented {
  method: string;
  path: string;
  operation: Operation;
}

const FORM = {
  type: 'object',
  properties: {
    volume: { type: 'string', format: 'binary', description: 'An .mha file' },
    header: { type: 'string', format: 'binary', description: 'An .mhd file; with data, instead of volume' },
    data: { type: 'string', format: 'binary', description: 'Its .raw or .zraw file' },
    candidates: { type: 'string', description: 'JSON: [{"xyz":[x,y,z]}], world mm, LPS' },
  },
  required: ['candidates'],
};

const TENSORS = {
  type: 'string',
  format: 'binary',
  description: 'JSON of Inference-Header-Content-Length bytes, then the little-endian tensors in the order of inputs',
};

/** The OpenAPI 3.1 document of a table of routes; schemas come from what parses the requests. */
export function openApiDocument(routes: readonly Documented[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, operation } of routes) {
    paths[path] = { ...paths[path], [method]: describeOperation(path, operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lungate inference endpoint',
      version: releaseVersion,
      description: 'Open Inference Protocol v2 for tensors, and /v1/classify for CT scans. Not for diagnosis.',
    },
    paths,
    components: { schemas: { Error: toSchema(errorReplySchema) } },
  };
}

function describeOperation(path: string, { summary, request, reply }: Operation) {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const schema = reply ? toSchema(reply) : {};
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(request && { requestBody: { required: true, content: describeContent(request) } }),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema } } },
      default: {
        description: 'What was wrong and what to do',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function describeContent(request: NonNullable<Operation['request']>) {
  return Object.fromEntries(
    Object.entries(request).map(([type, schema]) => [
      type,
      { schema: schema ? toSchema(schema) : type === 'multipart/form-data' ? FORM : TENSORS },
    ]),
  );
}

/** JSON Schema 2020-12, which is OpenAPI 3.1's own. */
function toSchema(schema: z.ZodType): object {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  delete described.$schema;
  return described;
}
