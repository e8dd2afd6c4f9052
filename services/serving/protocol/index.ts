export { parseInferRequest } from './infer-request';
export { renderInferResponse } from './infer-response';
export { inferRequestSchema, inferResponseSchema, modelMetadataSchema, serverMetadataSchema } from './schemas';
