/** Relays in order; one that both sides have drawn stands there twice. */
export type Path = readonly string[];

/** Rounding must not pass for a gain. */
const EPSILON = 1e-9;

/**
 * The most that several paths carry together, if a relay carries at most its rate however often it
 * occurs: a maximum flow in which each unit takes one of the given paths. It is a linear program
 * whose beginning, nothing anywhere, is allowed, so the simplex method needs no search for one;
 * Bland's rule keeps it from going round in circles.
 *
 * @param rateOf of a relay, in any unit; the result has the same
 */
export function mostOver(paths: readonly Path[], rateOf: (relay: string) => number): number {
  const open = paths.filter((path) => path.length > 0 && path.every((relay) => rateOf(relay) > 0));
  const relays = [...new Set(open.flat())];
  const width = open.length + relays.length + 1;
  const last = width - 1;
  const rows = relays.map((relay, row) => {
    const cells = new Float64Array(width);
    for (const [column, path] of open.entries()) {
      cells[column] = path.filter((other) => other === relay).length;
    }
    cells[open.length + row] = 1;
    cells[last] = rateOf(relay);
    return cells;
  });
  const basis = relays.map((_, row) => open.length + row);
  const goal = new Float64Array(width).fill(-1, 0, open.length);
  for (;;) {
    const column = goal.findIndex((cell, index) => index < last && cell < -EPSILON);
    if (column < 0) return goal[last] ?? 0;
    const row = leaving(rows, basis, column);
    // Every path has a relay, and every relay a rate.
    if (row === undefined) throw new Error('a path without a limit');
    basis[row] = column;
    pivot([...rows, goal], rows[row] ?? goal, column);
  }
}

/** The row that limits a column first; of several, the one whose variable has the lowest number. */
function leaving(
  rows: readonly Float64Array[],
  basis: readonly number[],
  column: number,
): number | undefined {
  let best: { row: number; ratio: number } | undefined;
  for (const [row, cells] of rows.entries()) {
    const cell = cells[column] ?? 0;
    if (cell <= EPSILON) continue;
    const ratio = (cells.at(-1) ?? 0) / cell;
    const isFirst =
      best === undefined ||
      ratio < best.ratio - EPSILON ||
      (ratio <= best.ratio + EPSILON && (basis[row] ?? 0) < (basis[best.row] ?? 0));
    if (isFirst) best = { row, ratio };
  }
  return best?.row;
}

function pivot(rows: readonly Float64Array[], chosen: Float64Array, column: number): void {
  const by = chosen[column] ?? 1;
  for (let index = 0; index < chosen.length; index++) chosen[index] = (chosen[index] ?? 0) / by;
  for (const row of rows) {
    const times = row[column] ?? 0;
    if (row === chosen || times === 0) continue;
    for (let index = 0; index < row.length; index++) {
      row[index] = (row[index] ?? 0) - times * (chosen[index] ?? 0);
    }
  }
}
