/** What the server tells, taken into the state. Each function returns a patch. */

import { newer } from "./ids.js";
import { remove, upsert } from "./log.js";
import { allChannels, DM, findChannel } from "./places.js";

const TAKE = { town: takeTown, message: takeMessage, delete: takeDelete };

/** The open channel's log before its first page has arrived. */
const NOT_LOADED = { messages: [], older: true, newer: false };

export function takeEvent(state, event) {
  return TAKE[event.t]?.(state, event.d);
}

function takeTown(state, town) {
  const isRestarted = state.town && state.town.me !== town.me;
  const lasts = Object.fromEntries(allChannels(town).map((channel) => [channel.id, channel.last_message_id]));
  return isRestarted ? { town, lasts, logs: {}, waiting: [], overlay: null } : { town, lasts };
}

function takeMessage(state, message) {
  const channelId = message.channel_id;
  const log = state.logs[channelId] ?? (channelId === state.channelId ? NOT_LOADED : null);
  const patch = {};
  if (log) patch.logs = { ...state.logs, [channelId]: upsert(log, message) };
  if (!newer(message.id, state.lasts[channelId])) return patch;
  patch.lasts = { ...state.lasts, [channelId]: message.id };
  if (isForMe(state, message)) patch.mentions = { ...state.mentions, [channelId]: (state.mentions[channelId] ?? 0) + 1 };
  return patch;
}

function takeDelete(state, { id, channel_id: channelId }) {
  const log = state.logs[channelId];
  return log ? { logs: { ...state.logs, [channelId]: remove(log, id) } } : null;
}

/** Whether this member should be told of a new message: a mention, or a direct message. */
function isForMe({ town, channelId }, message) {
  if (message.author.id === town.me || message.channel_id === channelId) return false;
  const channel = findChannel(town, message.channel_id);
  const isDirect = !channel || channel.type === DM; // one that is not known yet is a new conversation
  return isDirect || message.mention_everyone || message.mentions.some((user) => user.id === town.me);
}
