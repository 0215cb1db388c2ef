/** Times as people say them. */

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const STYLES = {
  t: format({ timeStyle: "short" }),
  T: format({ timeStyle: "medium" }),
  d: format({ dateStyle: "short" }),
  D: format({ dateStyle: "long" }),
  f: format({ dateStyle: "long", timeStyle: "short" }),
  F: format({ dateStyle: "full", timeStyle: "short" }),
};
const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export function shown(seconds, style) {
  const date = new Date(seconds * 1000);
  return style === "R" ? relative(seconds - Date.now() / 1000) : STYLES[style].format(date);
}

function relative(seconds) {
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return RELATIVE.format(Math.trunc(seconds / size), unit);
}

export const clock = (iso) => STYLES.t.format(new Date(iso));
export const full = (iso) => STYLES.F.format(new Date(iso));

/** The day a message was written, as the line between days says it. */
export const day = (iso) => STYLES.D.format(new Date(iso));

/** Beside a name: the time today, the date with it before. */
export function moment(iso) {
  const date = new Date(iso);
  if (date.toDateString() === new Date().toDateString()) return clock(iso);
  return `${STYLES.d.format(date)} ${clock(iso)}`;
}
