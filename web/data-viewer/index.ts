export type { PatchSettings } from './patch-strip';
export { type ViewedScan, type ViewedSource, openSource } from './source';
export { type DataViewer, type DataViewerOptions, startDataViewer } from './start-data-viewer';
