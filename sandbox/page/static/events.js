/** What the server tells, taken into the state. Each function returns a patch. */

import { newer } from "./ids.js";
import { remove, upsert } from "./log.js";

const TAKE = { town: takeTown, message: takeMessage, delete: takeDelete };

export function takeEvent(state, event) {
  return TAKE[event.t]?.(state, event.d);
}

function takeTown(state, town) {
  return { town };
}

function takeMessage(state, message) {
  const channelId = message.channel_id;
  const log = state.logs[channelId];
  const patch = { town: withLast(state.town, channelId, message.id) };
  if (log) patch.logs = { ...state.logs, [channelId]: upsert(log, message) };
  if (isNewForMe(state, message)) {
    patch.mentions = { ...state.mentions, [channelId]: (state.mentions[channelId] ?? 0) + 1 };
  }
  return patch;
}

function takeDelete(state, { id, channel_id: channelId }) {
  const log = state.logs[channelId];
  return log ? { logs: { ...state.logs, [channelId]: remove(log, id) } } : null;
}

/** A message that this member should be told of: a mention, or a direct message. */
function isNewForMe(state, message) {
  const { town, channelId, reads } = state;
  const channel = lookUp(town, message.channel_id);
  if (message.author.id === town.me || message.channel_id === channelId) return false;
  if (!newer(message.id, channel?.last_message_id) || !newer(message.id, reads[message.channel_id])) return false;
  return !channel || channel.type === 1 || message.mention_everyone || message.mentions.some((user) => user.id === town.me);
}

function lookUp(town, channelId) {
  const channels = [...town.guilds.flatMap((guild) => guild.channels), ...town.dms];
  return channels.find((channel) => channel.id === channelId);
}

/** The town in which a channel's newest message is at least `id`. */
function withLast(town, channelId, id) {
  const channel = lookUp(town, channelId);
  if (!channel || !newer(id, channel.last_message_id)) return town;
  const marked = (one) => (one === channel ? { ...one, last_message_id: id } : one);
  return {
    ...town,
    dms: town.dms.map(marked),
    guilds: town.guilds.map((guild) => ({ ...guild, channels: guild.channels.map(marked) })),
  };
}
