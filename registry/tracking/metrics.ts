import type { Database } from '../storage/database';
import { pageOf, type Page } from './paging';

export interface MetricPoint {
  key: string;
  value: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
}

interface MetricRow {
  key: string;
  step: number;
  timestamp: number;
  value: number;
  is_nan: number;
}

/**
 * Appends points; the same point twice is one, so that a repeated request does no harm.
 * The latest point of a metric is the one of the greatest (step, timestamp, value), as in MLflow.
 */
export function writeMetrics(db: Database, runId: string, points: MetricPoint[]): void {
  const insert = 'INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?, ?, ?)';
  const upsert = `
    INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (run_id, key) DO UPDATE SET
      step = excluded.step, timestamp = excluded.timestamp, value = excluded.value, is_nan = excluded.is_nan
    WHERE (excluded.step, excluded.timestamp, excluded.value) >= (step, timestamp, value)`;
  for (const { key, value, timestamp, step } of points) {
    const isNan = Number.isNaN(value);
    const row = [runId, key, step, timestamp, isNan ? 0 : value, isNan ? 1 : 0] as const;
    db.run(insert, ...row);
    db.run(upsert, ...row);
  }
}

export function latestMetrics(db: Database, runId: string): MetricPoint[] {
  return (db.all('SELECT * FROM latest_metrics WHERE run_id = ? ORDER BY key', runId) as MetricRow[]).map(toPoint);
}

/** The points of one metric by step, then time. */
export function metricHistory(
  db: Database,
  runId: string,
  key: string,
  maxResults: number,
  pageToken?: string,
): Page<MetricPoint> {
  return pageOf(maxResults, pageToken, (limit, offset) => {
    const sql = 'SELECT * FROM metrics WHERE run_id = ? AND key = ? ORDER BY step, timestamp, value LIMIT ? OFFSET ?';
    return (db.all(sql, runId, key, limit, offset) as MetricRow[]).map(toPoint);
  });
}

function toPoint({ key, step, timestamp, value, is_nan }: MetricRow): MetricPoint {
  return { key, value: is_nan ? NaN : value, timestamp, step };
}
