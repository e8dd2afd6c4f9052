import './disable-telemetry';

/** `onnxruntime-node` without its telemetry. Everything here imports it through this door. */
export { env, InferenceSession, Tensor } from 'onnxruntime-node';
