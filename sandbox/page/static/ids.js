/** Discord's ids: numbers too large for JavaScript, so they stay text. */

/** Negative, 0 or positive, as the ids' numbers compare. */
export function compareIds(one, other) {
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

export function newer(id, than) {
  return Boolean(id) && (!than || compareIds(id, than) > 0);
}
