import type { Express, Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { registryError } from '../errors';
import type { ArtifactStore } from '../storage/artifact-store';
import type { Database } from '../storage/database';
import { safeArtifactPath } from '../tracking/artifact-path';
import { deleteArtifact, listArtifacts, openArtifact, writeArtifact } from '../tracking/run-artifacts';
import { fileJson } from './wire';

const ARTIFACTS = 'mlflow-artifacts/artifacts';
const UPLOAD_LIMIT_BYTES = 16 * 1024 ** 3;

/** MLflow's artifact proxy: PUT, GET, DELETE of one path, GET of a listing. Streams both ways. */
export function mountArtifactRoutes(app: Express, prefix: string, db: Database, store: ArtifactStore): void {
  app.use(`${prefix}/${ARTIFACTS}`, async (request, response) => {
    // The raw address, because Express decodes once and a path must be judged in every decoding.
    const [encoded = ''] = request.url.split('?');
    const isListing = encoded === '' || encoded === '/';
    if (isListing && request.method === 'GET') {
      list(db, request, response);
      return;
    }
    const path = safeArtifactPath(encoded.slice(1));
    if (request.method === 'PUT') {
      await writeArtifact(db, store, path, request, UPLOAD_LIMIT_BYTES);
      response.json({});
    } else if (request.method === 'GET') {
      await send(db, store, path, response);
    } else if (request.method === 'DELETE') {
      deleteArtifact(db, path);
      response.json({});
    } else {
      throw registryError('REGISTRY_INVALID', { problem: `${request.method} is not possible on an artifact` });
    }
  });
}

function list(db: Database, request: Request, response: Response): void {
  const { path } = request.query;
  const folder = typeof path === 'string' && path !== '' ? safeArtifactPath(encodeURIComponent(path)) : '';
  // Names come relative to the folder that was asked for, as MLflow's proxy gives them.
  response.json({ files: listArtifacts(db, folder).map(fileJson) });
}

async function send(db: Database, store: ArtifactStore, path: string, response: Response): Promise<void> {
  const { bytes, content } = await openArtifact(db, store, path);
  response.set({
    'content-type': 'application/octet-stream',
    'content-length': String(bytes),
    // What users store is never run by a browser in this server's name.
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
  });
  await pipeline(content, response).catch((error: unknown) => {
    // Headers are out: cutting the connection is how the client learns that the content is not whole.
    response.destroy();
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
