import type { Request, RequestHandler, Response } from 'express';
import { version as releaseVersion } from '../../package.json';
import { admission } from './admission';
import { classify, CLASSIFY_FILES, classifyResponseSchema, patchSourceOf } from './classify';
import type { Endpoint } from './endpoint';
import { servingError } from './errors';
import { openApiDocument, type Operation } from './openapi';
import { classifyJsonSchema } from './patches';
import {
  inferRequestSchema,
  inferResponseSchema,
  modelMetadataSchema,
  parseInferRequest,
  renderInferResponse,
  serverMetadataSchema,
} from './protocol';
import { acceptBody, BODY_LIMITS, readBytes, readForm } from './request-body';
import { startPage } from './start-page';

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

/** Every address of the endpoint. */
export function routesOf(endpoint: Endpoint): Route[] {
  const routes = [...aboutRoutes(endpoint), ...healthRoutes(endpoint), ...modelRoutes(endpoint)];
  const document = openApiDocument(routes);
  const about: Route = {
    method: 'get',
    path: '/openapi.json',
    operation: { summary: 'This document', reply: null },
    handle: (_request, response) => {
      response.json(document);
    },
  };
  return [...routes, about];
}

function aboutRoutes({ model }: Endpoint): Route[] {
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

function healthRoutes(endpoint: Endpoint): Route[] {
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

function modelRoutes(endpoint: Endpoint): Route[] {
  const admit = admission(endpoint.limits);
  const inferBody = [
    acceptBody(['application/json', 'application/octet-stream']),
    admit(BODY_LIMITS.tensors),
    readBytes(BODY_LIMITS.tensors),
  ];
  const versioned = (suffix: string, route: Omit<Route, 'path'>): Route[] => [
    { ...route, path: `/v2/models/{name}${suffix}` },
    { ...route, path: `/v2/models/{name}/versions/{version}${suffix}` },
  ];
  return [
    ...versioned('', {
      method: 'get',
      operation: { summary: 'What the model takes and gives', reply: modelMetadataSchema },
      handle: (request, response) => {
        checkModel(endpoint, request);
        response.json(modelMetadata(endpoint));
      },
    }),
    ...versioned('/ready', {
      method: 'get',
      operation: { summary: 'Whether the model can be asked; 503 where not', reply: null },
      handle: (request, response) => {
        checkModel(endpoint, request);
        const ready = isReady(endpoint);
        response.status(ready ? 200 : 503).json({ name: endpoint.model.name, ready });
      },
    }),
    ...versioned('/infer', {
      method: 'post',
      operation: {
        summary: 'Runs the model on tensors, as JSON or with the binary tensor extension',
        request: { 'application/json': inferRequestSchema, 'application/octet-stream': null },
        reply: inferResponseSchema,
      },
      body: inferBody,
      handle: (request, response) => infer(endpoint, request, response),
    }),
    {
      method: 'post',
      path: '/v1/classify',
      operation: {
        summary: 'Classifies candidates in a CT scan (MetaImage), or one patch',
        request: { 'application/json': classifyJsonSchema, 'multipart/form-data': null },
        reply: classifyResponseSchema,
      },
      body: [
        acceptBody(['multipart/form-data', 'application/json']),
        admit(BODY_LIMITS.scan),
        readBytesUnlessForm(),
        readForm(CLASSIFY_FILES),
      ],
      handle: async (request, response) => {
        const { source, transfer } = patchSourceOf(request);
        response.json(await classify(endpoint.model, endpoint.inference, source, transfer));
      },
    },
  ];
}

async function infer(endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  checkModel(endpoint, request);
  const { model, inference } = endpoint;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const call = parseInferRequest(body, request.get('inference-header-content-length'), model.signature);
  const outputs = await inference.run(call.inputs, call.rows);
  const reply = renderInferResponse(model, call, outputs);
  if (reply.headerLength === null) {
    response.type('application/json');
  } else {
    response.type('application/octet-stream').set('Inference-Header-Content-Length', String(reply.headerLength));
  }
  response.send(reply.body);
}

function readBytesUnlessForm(): RequestHandler {
  const read = readBytes(BODY_LIMITS.scan);
  return (request, response, next) => {
    if (request.is('multipart/form-data')) next();
    else read(request, response, next);
  };
}

function modelMetadata({ model }: Endpoint) {
  const { inputs, outputs, labels, positiveLabel } = model.signature;
  return {
    name: model.name,
    versions: [model.version],
    platform: 'onnxruntime_onnx',
    inputs,
    outputs,
    parameters: { bundle_digest: model.bundleDigest, labels, positive_label: positiveLabel },
  };
}

function isReady({ inference, draining }: Endpoint): boolean {
  return inference.ready() && !draining;
}

function checkModel({ model }: Endpoint, request: Request): void {
  const { name, version } = request.params;
  if (name !== model.name) throw servingError('MODEL_UNKNOWN', { name: model.name });
  if (version !== undefined && version !== model.version) {
    throw servingError('MODEL_VERSION_UNKNOWN', { name: model.name, version: model.version });
  }
}
