export {
  type DicomwebClient,
  type DicomwebOptions,
  type RemoteSeries,
  type SeriesQuery,
  createDicomwebClient,
  credentialsFromEnvironment,
} from './client';
export { fetchSeries } from './fetch-series';
