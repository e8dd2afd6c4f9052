import type { z } from 'zod';
import { splitBatch, wireNumber } from './batch';
import { isMlflowApiError, mlflowError } from './errors';
import {
  type ArtifactEntry,
  type Experiment,
  type MetricPoint,
  type MlflowModelVersion,
  type RegisteredModel,
  replies,
  type Run,
  type RunStatus,
} from './replies';
import { createTransport, type MlflowClientOptions, type Transport } from './transport';

const API = '/api/2.0/mlflow';
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';

type KeyValues = Record<string, string>;

/** What one `logBatch` takes; the step and timestamp of a metric default to 0 and now. */
export interface LogBatch {
  metrics?: (Pick<MetricPoint, 'key' | 'value'> & Partial<MetricPoint>)[];
  params?: KeyValues;
  tags?: KeyValues;
}

/**
 * A typed client of the MLflow REST API, for `mlflow server` and for Lungate's own.
 *
 * ```ts
 * const client = new MlflowClient({ trackingUri: 'http://127.0.0.1:5000' });
 * const { experimentId } = await client.getOrCreateExperiment('luna');
 * const run = await client.createRun({ experimentId, runName: 'baseline' });
 * await client.logBatch(run.runId, { params: { lr: '0.001' }, metrics: [{ key: 'loss', value: 0.3, step: 1 }] });
 * await client.updateRun(run.runId, { status: 'FINISHED' });
 * ```
 *
 * Every call may throw MlflowApiError (the server said no), MLFLOW_UNREACHABLE or MLFLOW_REPLY_MALFORMED.
 */
export class MlflowClient {
  readonly #transport: Transport;
  readonly #artifactRoots = new Map<string, string>();

  constructor(options: MlflowClientOptions) {
    this.#transport = createTransport(options);
  }

  // ── experiments ──

  /** The new experiment's id. RESOURCE_ALREADY_EXISTS where the name is taken. */
  createExperiment(name: string, tags: KeyValues = {}): Promise<string> {
    return this.#post('experiments/create', { name, tags: pairs(tags) }, replies.experimentId, false);
  }

  getExperimentByName(name: string): Promise<Experiment | undefined> {
    return orUndefined(this.#get('experiments/get-by-name', { experiment_name: name }, replies.experiment));
  }

  async getOrCreateExperiment(name: string): Promise<Experiment> {
    const known = await this.getExperimentByName(name);
    if (known) return known;
    try {
      await this.createExperiment(name);
    } catch (error) {
      if (!isMlflowApiError(error, 'RESOURCE_ALREADY_EXISTS')) throw error; // another process was faster
    }
    return this.#get('experiments/get-by-name', { experiment_name: name }, replies.experiment);
  }

  // ── runs ──

  createRun(options: { experimentId: string; runName?: string; startTime?: number; tags?: KeyValues }): Promise<Run> {
    const { experimentId, runName, startTime = Date.now(), tags = {} } = options;
    const body = { experiment_id: experimentId, run_name: runName, start_time: startTime, tags: pairs(tags) };
    return this.#post('runs/create', body, replies.run, false);
  }

  getRun(runId: string): Promise<Run> {
    return this.#get('runs/get', { run_id: runId }, replies.run);
  }

  /** A final status without an end time ends the run now. */
  async updateRun(runId: string, changes: { status?: RunStatus; endTime?: number; runName?: string }): Promise<void> {
    const { status, runName } = changes;
    const isFinal = status !== undefined && status !== 'RUNNING' && status !== 'SCHEDULED';
    const endTime = changes.endTime ?? (isFinal ? Date.now() : undefined);
    await this.#post('runs/update', { run_id: runId, status, end_time: endTime, run_name: runName }, replies.nothing);
  }

  /** One page of runs. `filter` and `orderBy` are in MLflow's language, as in `metrics.auc > 0.9`. */
  async searchRuns(query: {
    experimentIds: string[];
    filter?: string;
    orderBy?: string[];
    maxResults?: number;
    pageToken?: string;
  }): Promise<{ runs: Run[]; nextPageToken: string | undefined }> {
    const body = {
      experiment_ids: query.experimentIds,
      filter: query.filter,
      order_by: query.orderBy,
      max_results: query.maxResults,
      page_token: query.pageToken,
    };
    const page = await this.#post('runs/search', body, replies.runs);
    return { runs: page.runs, nextPageToken: page.next_page_token || undefined };
  }

  async logMetric(
    runId: string,
    key: string,
    value: number,
    { step = 0, timestamp = Date.now() }: { step?: number; timestamp?: number } = {},
  ): Promise<void> {
    const body = { run_id: runId, key, value: wireNumber(value), step, timestamp };
    await this.#post('runs/log-metric', body, replies.nothing);
  }

  async logParam(runId: string, key: string, value: string): Promise<void> {
    await this.#post('runs/log-parameter', { run_id: runId, key, value }, replies.nothing);
  }

  async setTag(runId: string, key: string, value: string): Promise<void> {
    await this.#post('runs/set-tag', { run_id: runId, key, value }, replies.nothing);
  }

  /** Logs any number of metrics, params and tags, in as many requests as the API's limits ask for. */
  async logBatch(runId: string, { metrics = [], params = {}, tags = {} }: LogBatch): Promise<void> {
    const now = Date.now();
    const requests = splitBatch({
      metrics: metrics.map((metric) => ({ step: 0, timestamp: now, ...metric })),
      params: Object.entries(params),
      tags: Object.entries(tags),
    });
    for (const request of requests) {
      await this.#post('runs/log-batch', { run_id: runId, ...request }, replies.nothing);
    }
  }

  /** Every point of a metric, in the order of steps. */
  async getMetricHistory(runId: string, key: string): Promise<MetricPoint[]> {
    const points: MetricPoint[] = [];
    let pageToken: string | undefined;
    do {
      const query = { run_id: runId, metric_key: key, max_results: 25_000, page_token: pageToken };
      const page = await this.#get('metrics/get-history', query, replies.metrics);
      points.push(...page.metrics);
      pageToken = page.next_page_token || undefined;
    } while (pageToken !== undefined);
    return points;
  }

  // ── artifacts ──

  /** Stores bytes under a path of the run, as in `report/report.html`. What stood there is replaced. */
  async logArtifact(runId: string, path: string, bytes: Uint8Array | string): Promise<void> {
    const url = await this.#artifactPath(runId, path);
    await this.#transport.json({ method: 'PUT', path: url, bytes, idempotent: true }, replies.nothing);
  }

  /** What stands directly in a folder of the run; the run's own root where `path` is left out. */
  async listArtifacts(runId: string, path?: string): Promise<ArtifactEntry[]> {
    const entries: ArtifactEntry[] = [];
    let pageToken: string | undefined;
    do {
      const page = await this.#get('artifacts/list', { run_id: runId, path, page_token: pageToken }, replies.artifacts);
      entries.push(...page.files);
      pageToken = page.next_page_token || undefined;
    } while (pageToken !== undefined);
    return entries;
  }

  async downloadArtifact(runId: string, path: string): Promise<Uint8Array> {
    const url = await this.#artifactPath(runId, path);
    return this.#transport.bytes({ method: 'GET', path: url, idempotent: true });
  }

  // ── models ──

  createRegisteredModel(name: string, description?: string): Promise<RegisteredModel> {
    return this.#post('registered-models/create', { name, description }, replies.registeredModel, false);
  }

  getRegisteredModel(name: string): Promise<RegisteredModel | undefined> {
    return orUndefined(this.#get('registered-models/get', { name }, replies.registeredModel));
  }

  createModelVersion(options: {
    name: string;
    source: string;
    runId?: string;
    tags?: KeyValues;
  }): Promise<MlflowModelVersion> {
    const { name, source, runId, tags = {} } = options;
    const body = { name, source, run_id: runId, tags: pairs(tags) };
    return this.#post('model-versions/create', body, replies.modelVersion, false);
  }

  /** `version` is MLflow's integer. */
  getModelVersion(name: string, version: string): Promise<MlflowModelVersion | undefined> {
    return orUndefined(this.#get('model-versions/get', { name, version }, replies.modelVersion));
  }

  /** One page of versions, newest first. `filter` as in `name='nodule-classifier'`. */
  async searchModelVersions(
    query: { filter?: string; maxResults?: number; pageToken?: string } = {},
  ): Promise<{ modelVersions: MlflowModelVersion[]; nextPageToken: string | undefined }> {
    const parameters = { filter: query.filter, max_results: query.maxResults, page_token: query.pageToken };
    const page = await this.#get('model-versions/search', parameters, replies.modelVersions);
    return { modelVersions: page.model_versions, nextPageToken: page.next_page_token || undefined };
  }

  async setModelVersionTag(name: string, version: string, key: string, value: string): Promise<void> {
    await this.#post('model-versions/set-tag', { name, version, key, value }, replies.nothing);
  }

  async setRegisteredModelAlias(name: string, alias: string, version: string): Promise<void> {
    await this.#post('registered-models/alias', { name, alias, version }, replies.nothing);
  }

  getModelVersionByAlias(name: string, alias: string): Promise<MlflowModelVersion | undefined> {
    return orUndefined(this.#get('registered-models/alias', { name, alias }, replies.modelVersion));
  }

  async deleteRegisteredModelAlias(name: string, alias: string): Promise<void> {
    const path = `${API}/registered-models/alias`;
    await this.#transport.json({ method: 'DELETE', path, json: { name, alias }, idempotent: true }, replies.nothing);
  }

  // ── wire ──

  #get<T>(name: string, query: Record<string, string | number | undefined>, reply: z.ZodType<T>): Promise<T> {
    return this.#transport.json({ method: 'GET', path: `${API}/${name}`, query, idempotent: true }, reply);
  }

  #post<T>(name: string, json: unknown, reply: z.ZodType<T>, idempotent = true): Promise<T> {
    return this.#transport.json({ method: 'POST', path: `${API}/${name}`, json, idempotent }, reply);
  }

  async #artifactPath(runId: string, path: string): Promise<string> {
    let root = this.#artifactRoots.get(runId);
    if (root === undefined) {
      const { artifactUri } = await this.getRun(runId);
      root = proxiedRoot(runId, artifactUri);
      this.#artifactRoots.set(runId, root);
    }
    const segments = [...root.split('/'), ...path.split('/')].filter((segment) => segment !== '');
    return `${ARTIFACTS}/${segments.map(encodeURIComponent).join('/')}`;
  }
}

/** `mlflow-artifacts:/1/abc/artifacts` and `mlflow-artifacts://host:5000/1/abc/artifacts` both mean `1/abc/artifacts`. */
function proxiedRoot(runId: string, uri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(uri);
  if (!match?.[1]) throw mlflowError('MLFLOW_ARTIFACTS_NOT_PROXIED', { runId, uri });
  return match[1];
}

function pairs(record: KeyValues): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

async function orUndefined<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isMlflowApiError(error, 'RESOURCE_DOES_NOT_EXIST')) return undefined;
    throw error;
  }
}
