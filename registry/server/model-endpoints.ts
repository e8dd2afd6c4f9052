import { modelNameSchema } from 'model-bundle';
import { z } from 'zod';
import type { Registry } from '../open-registry';
import { removeAlias, setAlias } from '../versions/aliases';
import {
  createRegisteredModel,
  getRegisteredModel,
  getVersionByAlias,
  getVersionByNumber,
  logModelVersion,
  modelAliases,
  modelTags,
  type RegisteredModelRow,
  searchModelVersions,
  searchRegisteredModels,
  setVersionTag,
  versionTags,
} from '../versions/logged-versions';
import { aliasesOf, versionRows, type VersionRow } from '../versions/model-versions';
import { type Endpoint, endpoint } from './endpoint';
import { integer, pageSize, pageTokenJson, tagSchema } from './wire';

const VIA_MLFLOW = 'through MLflow';
const name = z.string().min(1);
const version = z.object({ name, version: integer });
const aliased = z.object({ name, alias: z.string().min(1) });
const search = z.object({
  filter: z.string().optional(),
  max_results: pageSize(100, 10_000),
  page_token: z.string().optional(),
});
const asQuery = (query: z.infer<typeof search>) => ({
  filter: query.filter,
  maxResults: query.max_results,
  pageToken: query.page_token,
});

/** MLflow's registry half. Versions made here got an integer and no evidence; only `register` makes semantic ones. */
export function modelEndpoints(registry: Registry): Endpoint[] {
  return [...registeredModelEndpoints(registry), ...modelVersionEndpoints(registry), ...aliasEndpoints(registry)];
}

function registeredModelEndpoints({ db }: Registry): Endpoint[] {
  const json = (row: RegisteredModelRow) => ({
    name: row.name,
    description: row.description,
    creation_timestamp: row.created_at,
    last_updated_timestamp: row.updated_at,
    aliases: modelAliases(db, row.name),
    tags: modelTags(db, row.name),
  });
  return [
    endpoint(
      'POST',
      'registered-models/create',
      z.object({
        name: modelNameSchema,
        description: z.string().max(100_000).default(''),
        tags: z.array(tagSchema).max(100).default([]),
      }),
      (model) => ({ registered_model: json(createRegisteredModel(db, model)) }),
    ),
    endpoint('GET', 'registered-models/get', z.object({ name }), (query) => ({
      registered_model: json(getRegisteredModel(db, query.name)),
    })),
    endpoint('GET', 'registered-models/search', search, (query) => {
      const page = searchRegisteredModels(db, asQuery(query));
      return { registered_models: page.items.map(json), ...pageTokenJson(page.nextPageToken) };
    }),
    endpoint('POST', 'registered-models/get-latest-versions', z.object({ name }), (query) => ({
      model_versions: versionRows(db, query.name)
        .slice(-1)
        .map((row) => versionJson(db, row)),
    })),
  ];
}

function modelVersionEndpoints({ db, who }: Registry): Endpoint[] {
  const json = (row: VersionRow) => versionJson(db, row);
  return [
    endpoint(
      'POST',
      'model-versions/create',
      z.object({
        name,
        source: z.string().max(2000),
        run_id: z.string().default(''),
        description: z.string().default(''),
        tags: z.array(tagSchema).max(100).default([]),
      }),
      ({ run_id, ...rest }) => ({ model_version: json(logModelVersion(db, { ...rest, runId: run_id, who })) }),
    ),
    endpoint('GET', 'model-versions/get', version, (query) => ({
      model_version: json(getVersionByNumber(db, query.name, query.version)),
    })),
    endpoint('GET', 'model-versions/get-download-uri', version, (query) => ({
      artifact_uri: getVersionByNumber(db, query.name, query.version).source,
    })),
    endpoint('GET', 'model-versions/search', search, (query) => {
      const page = searchModelVersions(db, asQuery(query));
      return { model_versions: page.items.map(json), ...pageTokenJson(page.nextPageToken) };
    }),
    endpoint('POST', 'model-versions/set-tag', z.intersection(version, tagSchema), ({ key, value, ...query }) => {
      setVersionTag(db, getVersionByNumber(db, query.name, query.version), key, value);
    }),
  ];
}

function aliasEndpoints({ db, who }: Registry): Endpoint[] {
  return [
    endpoint('POST', 'registered-models/alias', z.intersection(version, aliased), (query) => {
      getVersionByNumber(db, query.name, query.version);
      setAlias(db, { name: query.name, alias: query.alias, version: `#${query.version}`, why: VIA_MLFLOW, who });
    }),
    endpoint('GET', 'registered-models/alias', aliased, (query) => ({
      model_version: versionJson(db, getVersionByAlias(db, query.name, query.alias)),
    })),
    endpoint('DELETE', 'registered-models/alias', aliased, (query) => {
      removeAlias(db, { name: query.name, alias: query.alias, why: VIA_MLFLOW, who });
    }),
  ];
}

function versionJson(db: Registry['db'], row: VersionRow) {
  return {
    name: row.name,
    version: String(row.number),
    creation_timestamp: row.created_at,
    last_updated_timestamp: row.created_at,
    current_stage: 'None',
    description: row.description,
    source: row.source,
    run_id: row.run_id,
    status: 'READY',
    aliases: aliasesOf(db, row.name, row.number),
    tags: versionTags(db, row),
  };
}
