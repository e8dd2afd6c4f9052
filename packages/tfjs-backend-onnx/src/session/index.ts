export { blockSize } from './block-size';
export { availableProviders, requirePrecision, requireProvider } from './providers';
export { compileGraph } from './compiled-graph';
export type { CompiledGraph } from './compiled-graph';
export { GraphCache } from './graph-cache';
export { watched } from './profiled-graph';
export type { GraphRun, NodeTime, ProfiledGraph } from './profiled-graph';
