import { parseFilter, parseOrderBy } from './filter';

const clause = (entity: string, key: string, operator: string, ...values: (string | number)[]) => ({
  entity,
  key,
  operator,
  values,
});

test.each([
  ['', []],
  ['metrics.auc > 0.9', [clause('metrics', 'auc', '>', 0.9)]],
  ["params.lr='0.1'", [clause('params', 'lr', '=', '0.1')]],
  ['tags."my tag" != "it\\"s"', [clause('tags', 'my tag', '!=', 'it"s')]],
  ['metrics.`val/auc` >= -1e-3', [clause('metrics', 'val/auc', '>=', -0.001)]],
  ['tags.mlflow.user = "a"', [clause('tags', 'mlflow.user', '=', 'a')]],
  ['metrics.val/auc < 1', [clause('metrics', 'val/auc', '<', 1)]],
  ["name LIKE 'a%'", [clause('attribute', 'name', 'LIKE', 'a%')]],
  [
    "attributes.status in ('FINISHED', 'FAILED') and run_id NOT IN ('x')",
    [clause('attributes', 'status', 'IN', 'FINISHED', 'FAILED'), clause('attribute', 'run_id', 'NOT IN', 'x')],
  ],
])('%s is read', (text, clauses) => {
  expect(parseFilter(text)).toEqual(clauses);
});

test.each([
  'metrics.auc >',
  'metrics.auc 0.9',
  "a = 'b' or c = 'd'",
  "a = 'b",
  'a = b',
  '; DROP TABLE runs',
  "a IN ('b'",
])('%s is refused with the place', (text) => {
  expect(() => parseFilter(text)).toThrow(/cannot be read at/);
});

test('an order has a direction, ascending unless said', () => {
  expect(parseOrderBy('metrics.auc DESC')).toEqual({ entity: 'metrics', key: 'auc', descending: true });
  expect(parseOrderBy('start_time')).toEqual({ entity: 'attribute', key: 'start_time', descending: false });
  expect(() => parseOrderBy('metrics.auc sideways')).toThrow('ASC or DESC');
});
