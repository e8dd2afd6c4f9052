import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DicomScan, scanDicom } from '../formats/dicom';
import { type DicomwebClient, type RemoteSeries, type SeriesQuery, fetchSeries } from './dicomweb';

export type OnProgress = (step: 'search' | 'fetch' | 'import', done: number, total: number) => void;

/** DICOM that can be looked at, one after the other so that a server's series need not all lie on the disk at once. */
export interface Source {
  /** Of a server: the series it is, known without fetching it. */
  remote?: { seriesUid: string; instances: () => Promise<string[]> };
  open: () => Promise<DicomScan>;
  /** After its series have been imported. */
  close: () => Promise<void>;
}

/** A folder, a zip archive or a file. */
export function localSource(path: string, onProgress?: OnProgress): Source {
  const options = onProgress && {
    onProgress: (done: number, total: number) => {
      onProgress('search', done, total);
    },
  };
  return { open: () => scanDicom(path, options), close: () => Promise.resolve() };
}

/** The series that a server has for the query, each fetched when it is opened. */
export async function remoteSources(
  client: DicomwebClient,
  query: SeriesQuery,
  spool: string,
  onProgress?: OnProgress,
): Promise<Source[]> {
  const found = await client.findSeries(query);
  return found.map((series) => remoteSource(client, series, spool, onProgress));
}

function remoteSource(client: DicomwebClient, series: RemoteSeries, spool: string, onProgress?: OnProgress): Source {
  let fetched: string | undefined;
  return {
    remote: { seriesUid: series.seriesUid, instances: () => client.listInstances(series) },
    async open() {
      fetched = await fetchSeries(client, series, spool, (done, total) => onProgress?.('fetch', done, total));
      return scanDicom(fetched);
    },
    async close() {
      if (fetched !== undefined) await rm(fetched, { recursive: true, force: true });
    },
  };
}

/** Where a server's files lie until they are imported: as they came, so nobody else may read them. */
export function spoolOf(dir: string): string {
  return join(dir, '.lungate-import');
}
