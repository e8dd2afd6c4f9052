export { deploy, type Deployment, type DeployOptions } from './deploy';
export { type EndpointStatus, endpointStatus, stopEndpoint } from './endpoint-status';
export { processRuntime } from './process-runtime';
export type { Running, Runtime, ServiceCommand } from './runtime';
