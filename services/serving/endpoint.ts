import type { AdmissionLimits } from './admission';
import type { Inference } from './inference';
import type { Log } from './request-log';
import type { ServedModel } from './served-model';

/** What the routes work with. */
export interface Endpoint {
  model: ServedModel;
  inference: Inference;
  limits: AdmissionLimits;
  log: Log;
  /** Set when the endpoint drains: what came is answered, and no more should come. */
  draining: boolean;
}

export function isReady({ inference, draining }: Endpoint): boolean {
  return inference.ready() && !draining;
}
