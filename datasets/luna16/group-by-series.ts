/** The rows of each series, in their order. */
export function groupBySeries<Row>(rows: readonly Row[], uidOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const uid = uidOf(row);
    const group = groups.get(uid);
    if (group) group.push(row);
    else groups.set(uid, [row]);
  }
  return groups;
}
