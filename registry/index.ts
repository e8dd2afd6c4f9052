export { openRegistry, type Registry, type RegistryOptions } from './open-registry';
export { type RegistryServer, type ServerOptions, startRegistry } from './server/start-registry';
export { CHAMPION } from './versions/aliases';
export type { HistoryRow } from './versions/history';
export type { ModelVersion } from './versions/model-versions';
export type { Registration } from './versions/register';
export type { Bump } from './versions/semantic-version';
export type { Problem } from './versions/verify';
