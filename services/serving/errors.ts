import { CodedError, defineErrors, isCodedError } from 'coded-error';

export const servingError = defineErrors({
  SERVING_NOT_LOOPBACK: {
    message: 'The endpoint does not listen on {host}: it has no authentication yet',
    hint: 'Use --host 127.0.0.1, and an SSH tunnel or a reverse proxy with authentication to reach it from elsewhere.',
  },
  SERVING_VERSION_MALFORMED: {
    message: '"{version}" is not a model with a semantic version',
    hint: 'Write name@MAJOR.MINOR.PATCH, as in nodule-classifier@1.0.0.',
  },
  SERVING_PORT_TAKEN: {
    message: 'Port {port} on {host} is in use by another process',
    hint: 'Choose another port, or 0 for a free one.',
    status: 409,
  },
  SERVING_SIGNATURE_UNSUPPORTED: {
    message: 'This endpoint cannot serve the bundle: {problem}',
    hint: 'Export the model with the signature that training writes, or serve it with a release that knows this one.',
    status: 422,
  },
  SERVING_MODEL_UNLOADABLE: {
    message: 'ONNX Runtime does not load model.onnx of the bundle: {problem}',
    hint: 'Export the model again; the bundle itself is undamaged.',
    status: 422,
  },

  ROUTE_UNKNOWN: { message: 'There is nothing at this address', hint: 'See /openapi.json for what is.', status: 404 },
  METHOD_NOT_ALLOWED: { message: '{method} is not answered here', hint: 'Use {allowed}.', status: 405 },
  MODEL_UNKNOWN: { message: 'No model of that name is served here', hint: 'This endpoint serves {name}.', status: 404 },
  MODEL_VERSION_UNKNOWN: {
    message: 'That version of {name} is not served here',
    hint: 'This endpoint serves {name} {version}.',
    status: 404,
  },

  REQUEST_NOT_JSON: {
    message: 'The body is not JSON',
    hint: 'Send one JSON object as in the example at /. NaN and Infinity do not exist in JSON.',
    status: 400,
  },
  REQUEST_MALFORMED: { message: 'The request is malformed: {problem}', hint: 'See /openapi.json.', status: 400 },
  REQUEST_INCOMPLETE: { message: 'The body ended early', hint: 'Send the request again.', status: 400 },
  REQUEST_TOO_LARGE: {
    message: 'The body, or a part of it, is larger than the {limit} bytes that are accepted',
    hint: 'Send fewer candidates, or tensors in the binary form (Inference-Header-Content-Length).',
    status: 413,
  },
  REQUEST_MEDIA_TYPE: {
    message: 'A body of this content type is not read here',
    hint: 'Set Content-Type to {accepted}.',
    status: 415,
  },
  REQUEST_ENCODING: {
    message: 'A compressed body (Content-Encoding) is not read here',
    hint: 'Send the body as it is; a .zraw in it may be compressed.',
    status: 415,
  },

  BINARY_HEADER_LENGTH: {
    message: 'Inference-Header-Content-Length does not tell where the JSON ends: {problem}',
    hint: 'Give the number of bytes of the JSON part, which stands before the tensors.',
    status: 400,
  },
  INPUT_MISSING: { message: 'Input "{name}" is missing', hint: 'The model takes {expected}.', status: 400 },
  INPUT_UNKNOWN: {
    message: 'The model has no input of the name given, or it was given twice',
    hint: 'The model takes {expected}.',
    status: 400,
  },
  INPUT_DATATYPE: {
    message: 'Input "{name}" must be {expected}',
    hint: 'Send Hounsfield units as 32-bit floats, datatype FP32.',
    status: 400,
  },
  INPUT_SHAPE: {
    message: 'Input "{name}" has shape [{found}]',
    hint: 'The model takes [{expected}], where -1 is any number from 1 on and the same for all inputs.',
    status: 400,
  },
  INPUT_SIZE: {
    message: 'Input "{name}" holds {found} values, its shape says {expected}',
    hint: 'Make shape and data agree; four bytes a value in the binary form.',
    status: 400,
  },
  INPUT_NOT_FINITE: {
    message: 'Input "{name}" holds a value that is not a finite 32-bit float',
    hint: 'Send Hounsfield units; use -1000 (air) where the scan has no value.',
    status: 400,
  },
  OUTPUT_UNKNOWN: {
    message: 'The model has no output of the name asked for',
    hint: 'It gives {expected}.',
    status: 400,
  },

  CLASSIFY_PARTS: {
    message: 'The form lacks a part, or has one too many: {problem}',
    hint: 'Send volume (.mha) or header (.mhd) and data (.raw/.zraw), and candidates as JSON [{"xyz":[x,y,z]}].',
    status: 400,
  },
  BASE64_MALFORMED: { message: '{name} is not base64', hint: 'Use the standard alphabet with padding.', status: 400 },
  PATCH_SIZE: {
    message: 'The patch holds {found} values, {expected} are needed',
    hint: 'Send {slices} slices of {rows} rows of {columns} columns, in that order, as little-endian int16 or as numbers.',
    status: 422,
  },
  PATCH_NOT_FINITE: {
    message: 'The patch holds a value that is not a finite number',
    hint: 'Send Hounsfield units; use -1000 (air) where the scan has no value.',
    status: 422,
  },

  SERVING_OVERLOADED: {
    message: 'More requests are waiting than this endpoint takes',
    hint: 'Send the request again after the time in Retry-After.',
    status: 503,
  },
  INFERENCE_WORKER_LOST: {
    message: 'The inference worker stopped while it had this request',
    hint: 'Send the request again: a new worker is starting.',
    status: 503,
  },
  INFERENCE_STOPPED: {
    message: 'The endpoint is shutting down',
    hint: 'Send the request again to the revision that took over.',
    status: 503,
  },
  INFERENCE_NOT_FINITE: {
    message: 'The model answered with a value that is not finite',
    hint: 'Do not use this answer. Check that the input is in Hounsfield units.',
    status: 500,
  },
  SERVING_INTERNAL: {
    message: 'Something unexpected went wrong',
    hint: 'Give the operator the x-request-id of this reply.',
    status: 500,
  },
});

/** What crosses a thread: an error whose code means something on the other side. */
export interface PlainError {
  code: string;
  message: string;
  hint: string;
  status: number;
  stack: string | undefined;
}

/** An unexpected error travels as SERVING_INTERNAL, with its stack for the log. */
export function toPlainError(error: unknown): PlainError {
  const coded = isCodedError(error) ? error : servingError('SERVING_INTERNAL');
  const { stack } = error instanceof Error ? error : coded;
  return { code: coded.code, message: coded.message, hint: coded.hint, status: coded.status, stack };
}

export function fromPlainError({ code, message, hint, status, stack }: PlainError): CodedError {
  return new CodedError(code, { message, hint, status }, {}, Object.assign(new Error(code), { stack }));
}
