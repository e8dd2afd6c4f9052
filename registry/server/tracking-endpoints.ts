import { z } from 'zod';
import type { Database } from '../storage/database';
import { safeArtifactPath } from '../tracking/artifact-path';
import {
  createExperiment,
  experimentTags,
  getExperiment,
  getExperimentByName,
  searchExperiments,
  setExperimentTag,
} from '../tracking/experiments';
import { metricHistory } from '../tracking/metrics';
import { artifactRoot, listArtifacts } from '../tracking/run-artifacts';
import { createRun, deleteTag, getRun, logBatch, RUN_STATUSES, setRunLifecycle, updateRun } from '../tracking/runs';
import { searchRuns } from '../tracking/search-runs';
import { type Endpoint, endpoint } from './endpoint';
import {
  experimentJson,
  fileJson,
  idText,
  integer,
  metricJson,
  metricSchema,
  pageSize,
  pageTokenJson,
  paramSchema,
  runInfoJson,
  runJson,
  tagSchema,
} from './wire';

const runId = z.string().min(1);
const pageToken = z.string().optional();
const ofRun = { run_id: runId };

/** MLflow's tracking half: experiments, runs, metrics, params, tags. */
export function trackingEndpoints(db: Database): Endpoint[] {
  return [...experimentEndpoints(db), ...runEndpoints(db), ...loggingEndpoints(db)];
}

function experimentEndpoints(db: Database): Endpoint[] {
  const experiment = (row: ReturnType<typeof getExperiment>) => experimentJson(row, experimentTags(db, row.id));
  const search = z.object({ max_results: pageSize(1000, 50_000), page_token: pageToken });
  return [
    endpoint(
      'POST',
      'experiments/create',
      z.object({ name: z.string().trim().min(1).max(500), tags: z.array(tagSchema).max(100).default([]) }),
      ({ name, tags }) => ({ experiment_id: createExperiment(db, name, tags) }),
    ),
    endpoint('GET', 'experiments/get', z.object({ experiment_id: idText }), ({ experiment_id }) => ({
      experiment: experiment(getExperiment(db, experiment_id)),
    })),
    endpoint('GET', 'experiments/get-by-name', z.object({ experiment_name: z.string() }), ({ experiment_name }) => ({
      experiment: experiment(getExperimentByName(db, experiment_name)),
    })),
    ...(['GET', 'POST'] as const).map((method) =>
      endpoint(method, 'experiments/search', search, ({ max_results, page_token }) => {
        const page = searchExperiments(db, max_results, page_token);
        return { experiments: page.items.map(experiment), ...pageTokenJson(page.nextPageToken) };
      }),
    ),
    endpoint(
      'POST',
      'experiments/set-experiment-tag',
      z.object({ experiment_id: idText, key: z.string().min(1), value: z.string() }),
      ({ experiment_id, key, value }) => {
        setExperimentTag(db, experiment_id, key, value);
      },
    ),
  ];
}

function runEndpoints(db: Database): Endpoint[] {
  return [
    endpoint(
      'POST',
      'runs/create',
      z.object({
        experiment_id: idText,
        run_name: z.string().min(1).optional(),
        user_id: z.string().default(''),
        start_time: integer.optional(),
        tags: z.array(tagSchema).max(100).default([]),
      }),
      ({ experiment_id, run_name, user_id, start_time, tags }) => ({
        run: runJson(
          createRun(db, {
            experimentId: experiment_id,
            userId: user_id,
            tags,
            ...(run_name !== undefined && { name: run_name }),
            ...(start_time !== undefined && { startTime: start_time }),
          }),
        ),
      }),
    ),
    endpoint('GET', 'runs/get', z.object(ofRun), ({ run_id }) => ({ run: runJson(getRun(db, run_id)) })),
    endpoint(
      'POST',
      'runs/update',
      z.object({
        ...ofRun,
        status: z.enum(RUN_STATUSES).optional(),
        end_time: integer.optional(),
        run_name: z.string().min(1).optional(),
      }),
      ({ run_id, status, end_time, run_name }) => {
        const changes = {
          ...(status !== undefined && { status }),
          ...(end_time !== undefined && { endTime: end_time }),
          ...(run_name !== undefined && { name: run_name }),
        };
        return { run_info: runInfoJson(updateRun(db, run_id, changes).run) };
      },
    ),
    endpoint('POST', 'runs/delete', z.object(ofRun), ({ run_id }) => {
      setRunLifecycle(db, run_id, 'deleted');
    }),
    endpoint('POST', 'runs/restore', z.object(ofRun), ({ run_id }) => {
      setRunLifecycle(db, run_id, 'active');
    }),
    endpoint(
      'POST',
      'runs/search',
      z.object({
        experiment_ids: z.array(idText).max(1000).default([]),
        filter: z.string().optional(),
        run_view_type: z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).optional(),
        max_results: pageSize(1000, 50_000),
        order_by: z.array(z.string()).optional(),
        page_token: pageToken,
      }),
      (query) => {
        const page = searchRuns(db, {
          experimentIds: query.experiment_ids,
          filter: query.filter,
          orderBy: query.order_by,
          view: query.run_view_type,
          maxResults: query.max_results,
          pageToken: query.page_token,
        });
        return { runs: page.items.map(runJson), ...pageTokenJson(page.nextPageToken) };
      },
    ),
  ];
}

function loggingEndpoints(db: Database): Endpoint[] {
  const nothing = { metrics: [], params: [], tags: [] };
  return [
    endpoint('POST', 'runs/log-metric', z.intersection(z.object(ofRun), metricSchema), ({ run_id, ...metric }) => {
      logBatch(db, run_id, { ...nothing, metrics: [metric] });
    }),
    endpoint('POST', 'runs/log-parameter', z.intersection(z.object(ofRun), paramSchema), ({ run_id, ...param }) => {
      logBatch(db, run_id, { ...nothing, params: [param] });
    }),
    endpoint('POST', 'runs/set-tag', z.intersection(z.object(ofRun), tagSchema), ({ run_id, ...tag }) => {
      logBatch(db, run_id, { ...nothing, tags: [tag] });
    }),
    endpoint('POST', 'runs/delete-tag', z.object({ ...ofRun, key: z.string() }), ({ run_id, key }) => {
      deleteTag(db, run_id, key);
    }),
    endpoint(
      'POST',
      'runs/log-batch',
      z
        .object({
          ...ofRun,
          metrics: z.array(metricSchema).max(1000).default([]),
          params: z.array(paramSchema).max(100).default([]),
          tags: z.array(tagSchema).max(100).default([]),
        })
        .refine(({ metrics, params, tags }) => metrics.length + params.length + tags.length <= 1000, {
          error: 'at most 1000 metrics, params and tags together',
        }),
      ({ run_id, ...batch }) => {
        logBatch(db, run_id, batch);
      },
    ),
    // No logged models are kept here yet; MLflow 3 clients look for them whenever they list a run's artifacts.
    endpoint('POST', 'logged-models/search', z.object({}), () => ({ models: [] })),
    endpoint(
      'GET',
      'metrics/get-history',
      z.object({
        ...ofRun,
        metric_key: z.string(),
        max_results: pageSize(25_000, 25_000),
        page_token: pageToken,
      }),
      ({ run_id, metric_key, max_results, page_token }) => {
        getRun(db, run_id);
        const page = metricHistory(db, run_id, metric_key, max_results, page_token);
        return { metrics: page.items.map(metricJson), ...pageTokenJson(page.nextPageToken) };
      },
    ),
    endpoint('GET', 'artifacts/list', z.object({ ...ofRun, path: z.string().optional() }), ({ run_id, path }) => {
      const { artifact_uri } = getRun(db, run_id).run;
      const folder = path ? safeArtifactPath(encodeURIComponent(path)) : '';
      return { root_uri: artifact_uri, files: listArtifacts(db, artifactRoot(artifact_uri), folder).map(fileJson) };
    }),
  ];
}
