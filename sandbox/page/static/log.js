/** The messages of one channel as far as they are loaded, oldest first. All functions return a new log. */

import { compareIds } from "./ids.js";

/** More messages than this are not kept on the page; scrolling loads them again. */
const KEPT = 250;

/** A page as a log, with what the stream told of `known` while the page was on its way. */
export function logOf(page, known) {
  const told = known?.messages.filter((message) => message.version >= page.version) ?? [];
  return told.reduce(upsert, { messages: page.messages, older: page.older, newer: page.newer });
}

/** A message that is new or has changed. What lies beyond the loaded part is left alone. */
export function upsert(log, message) {
  const at = log.messages.findIndex((known) => known.id === message.id);
  if (at >= 0) {
    if (log.messages[at].version > message.version) return log;
    return { ...log, messages: log.messages.with(at, message) };
  }
  const first = log.messages[0];
  if (first && log.older && compareIds(message.id, first.id) < 0) return log;
  const last = log.messages.at(-1);
  if (!last || compareIds(message.id, last.id) > 0) {
    if (log.newer) return log;
    return trimOldest({ ...log, messages: [...log.messages, message] });
  }
  return { ...log, messages: [...log.messages, message].sort((a, b) => compareIds(a.id, b.id)) };
}

export function remove(log, id) {
  return { ...log, messages: log.messages.filter((message) => message.id !== id) };
}

export function withOlder(log, page) {
  const messages = [...page.messages, ...log.messages];
  const cut = messages.length > KEPT;
  return { messages: messages.slice(0, KEPT), older: page.older, newer: log.newer || cut };
}

export function withNewer(log, page) {
  return trimOldest({ messages: [...log.messages, ...page.messages], older: log.older, newer: page.newer });
}

function trimOldest(log) {
  const extra = log.messages.length - KEPT;
  return extra > 0 ? { ...log, messages: log.messages.slice(extra), older: true } : log;
}
