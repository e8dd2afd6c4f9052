export type Shape = readonly number[];
/** The dtypes that a graph computes with. Strings live in the backend as leaves, and no kernel here takes them. */
export type Dtype = 'float32' | 'int32' | 'bool';
export type Values = Float32Array | Int32Array | Uint8Array;
