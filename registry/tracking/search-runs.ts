import { registryError } from '../errors';
import type { Database, SqlValue } from '../storage/database';
import { type Clause, type OrderBy, parseFilter, parseOrderBy } from './filter';
import { pageOf, type Page } from './paging';
import { readRun, type RunRecord, type RunRow } from './runs';

export interface RunQuery {
  experimentIds: string[];
  filter?: string | undefined;
  orderBy?: string[] | undefined;
  view?: 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL' | undefined;
  maxResults: number;
  pageToken?: string | undefined;
}

interface Sql {
  text: string;
  values: SqlValue[];
}

const ENTITIES: Record<string, 'metric' | 'param' | 'tag' | 'attribute'> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
};

const ATTRIBUTES: Record<string, string> = {
  run_id: 'run_id',
  run_name: 'name',
  'run name': 'name',
  'Run name': 'name',
  status: 'status',
  start_time: 'start_time',
  created: 'start_time',
  Created: 'start_time',
  end_time: 'end_time',
  artifact_uri: 'artifact_uri',
  user_id: 'user_id',
  experiment_id: 'experiment_id',
};

/** Runs of the experiments that meet every clause, newest first unless ordered otherwise. */
export function searchRuns(db: Database, query: RunQuery): Page<RunRecord> {
  const conditions = [
    experimentsAre(query.experimentIds),
    ...stageIs(query.view),
    ...parseFilter(query.filter ?? '').map(condition),
  ];
  const orders = [...(query.orderBy ?? []).map((text) => order(parseOrderBy(text))), DEFAULT_ORDER];
  const text = `SELECT runs.* FROM runs WHERE ${conditions.map((sql) => sql.text).join(' AND ')}
                ORDER BY ${orders.map((sql) => sql.text).join(', ')} LIMIT ? OFFSET ?`;
  const values = [...conditions, ...orders].flatMap((sql) => sql.values);
  const page = pageOf(query.maxResults, query.pageToken, (limit, offset) => {
    return db.all(text, ...values, limit, offset) as RunRow[];
  });
  return { items: page.items.map((run) => readRun(db, run)), nextPageToken: page.nextPageToken };
}

const DEFAULT_ORDER: Sql = { text: 'runs.start_time DESC, runs.run_id', values: [] };

function experimentsAre(ids: string[]): Sql {
  return { text: `runs.experiment_id IN (${ids.map(() => '?').join(', ')})`, values: ids };
}

function stageIs(view: RunQuery['view'] = 'ACTIVE_ONLY'): Sql[] {
  if (view === 'ALL') return [];
  return [{ text: 'runs.lifecycle_stage = ?', values: [view === 'ACTIVE_ONLY' ? 'active' : 'deleted'] }];
}

/** A run that never logged the key meets no clause on it, not even `!=`, as in MLflow. */
function condition(clause: Clause): Sql {
  const entity = entityOf(clause.entity);
  if (entity === 'attribute') return compare(attributeOf(clause.key), clause, null);
  const table = { metric: 'latest_metrics', param: 'params', tag: 'tags' }[entity];
  const comparison = compare('logged.value', clause, entity === 'metric' ? 'number' : 'text');
  const isNumber = entity === 'metric' ? ' AND logged.is_nan = 0' : '';
  return {
    text: `EXISTS (SELECT 1 FROM ${table} logged
           WHERE logged.run_id = runs.run_id AND logged.key = ?${isNumber} AND ${comparison.text})`,
    values: [clause.key, ...comparison.values],
  };
}

function compare(column: string, { operator, values, key }: Clause, wanted: 'number' | 'text' | null): Sql {
  const type = wanted ?? (column.endsWith('_time') ? 'number' : null);
  const isWrong = (value: string | number) => type !== null && (type === 'number') !== (typeof value === 'number');
  if (values.some(isWrong)) {
    throw registryError('REGISTRY_FILTER', {
      near: key,
      problem: type === 'number' ? 'compare it with a number' : 'quote its value',
    });
  }
  switch (operator) {
    case 'ILIKE':
      return { text: `lower(${column}) LIKE lower(?)`, values };
    case 'IN':
    case 'NOT IN':
      return { text: `${column} ${operator} (${values.map(() => '?').join(', ')})`, values };
    default:
      return { text: `${column} ${operator} ?`, values };
  }
}

/** What is not there comes last, whichever the direction; NaN just before it. */
function order({ entity, key, descending }: OrderBy): Sql {
  const direction = descending ? 'DESC' : 'ASC';
  const kind = entityOf(entity);
  if (kind === 'attribute') {
    const column = attributeOf(key);
    return { text: `${column} IS NULL, ${column} ${direction}`, values: [] };
  }
  const table = { metric: 'latest_metrics', param: 'params', tag: 'tags' }[kind];
  const logged = (what: string) => `(SELECT ${what} FROM ${table} WHERE run_id = runs.run_id AND key = ?)`;
  const rank = kind === 'metric' ? `coalesce(${logged('is_nan')}, 2)` : `${logged('value')} IS NULL`;
  return { text: `${rank}, ${logged('value')} ${direction}`, values: [key, key] };
}

function entityOf(name: string) {
  const entity = ENTITIES[name];
  if (!entity)
    throw registryError('REGISTRY_FILTER', { near: name, problem: 'use metrics, params, tags or attributes' });
  return entity;
}

function attributeOf(key: string): string {
  const column = ATTRIBUTES[key];
  if (!column) throw registryError('REGISTRY_FILTER', { near: key, problem: 'it is no attribute of a run' });
  return `runs.${column}`;
}
