import type { Request, Response } from 'express';
import type { Admit } from '../admission';
import { type Endpoint, isReady } from '../endpoint';
import { servingError } from '../errors';
import {
  inferRequestSchema,
  inferResponseSchema,
  modelMetadataSchema,
  parseInferRequest,
  renderInferResponse,
} from '../protocol';
import { acceptBody, BODY_LIMITS, readBytes } from '../request-body';
import type { Route } from './route';

/** The model and its versions in the Open Inference Protocol; each address stands with and without the version. */
export function modelRoutes(endpoint: Endpoint, admit: Admit): Route[] {
  const unversioned = [metadataRoute(endpoint), readyRoute(endpoint), inferRoute(endpoint, admit)];
  const versioned = unversioned.map((route) => ({
    ...route,
    path: route.path.replace('{name}', '{name}/versions/{version}'),
  }));
  return [...unversioned, ...versioned];
}

function metadataRoute(endpoint: Endpoint): Route {
  return {
    method: 'get',
    path: '/v2/models/{name}',
    operation: { summary: 'What the model takes and gives', reply: modelMetadataSchema },
    handle: (request, response) => {
      checkModel(endpoint, request);
      response.json(modelMetadata(endpoint));
    },
  };
}

function readyRoute(endpoint: Endpoint): Route {
  return {
    method: 'get',
    path: '/v2/models/{name}/ready',
    operation: { summary: 'Whether the model can be asked; 503 where not', reply: null },
    handle: (request, response) => {
      checkModel(endpoint, request);
      const ready = isReady(endpoint);
      response.status(ready ? 200 : 503).json({ name: endpoint.model.name, ready });
    },
  };
}

function inferRoute(endpoint: Endpoint, admit: Admit): Route {
  return {
    method: 'post',
    path: '/v2/models/{name}/infer',
    operation: {
      summary: 'Runs the model on tensors, as JSON or with the binary tensor extension',
      request: { 'application/json': inferRequestSchema, 'application/octet-stream': null },
      reply: inferResponseSchema,
    },
    body: [
      acceptBody(['application/json', 'application/octet-stream']),
      admit(BODY_LIMITS.tensors),
      readBytes(BODY_LIMITS.tensors),
    ],
    handle: (request, response) => infer(endpoint, request, response),
  };
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

function checkModel({ model }: Endpoint, request: Request): void {
  const { name, version } = request.params;
  if (name !== model.name) throw servingError('MODEL_UNKNOWN', { name: model.name });
  if (version !== undefined && version !== model.version) {
    throw servingError('MODEL_VERSION_UNKNOWN', { name: model.name, version: model.version });
  }
}
