export { CodedError, type ErrorDetails, type ErrorRow, defineErrors, isCodedError } from './coded-error';
export { type PackedError, packError, unpackError } from './over-threads';
