/** Looking things up in the town: who is where, what is called what. */

/** Discord's permission bits. */
export const ADD_REACTIONS = 1n << 6n;
export const SEND_MESSAGES = 1n << 11n;
export const MANAGE_MESSAGES = 1n << 13n;
export const CREATE_PUBLIC_THREADS = 1n << 35n;
export const SEND_MESSAGES_IN_THREADS = 1n << 38n;

export const DM = 1;
const THREADS = new Set([10, 11, 12]);

export const isThread = (channel) => THREADS.has(channel.type);

/** Every channel the member sees, with the server it is in. */
export function allChannels(town) {
  const inServers = town.guilds.flatMap((guild) => guild.channels.map((channel) => ({ ...channel, guild })));
  return [...inServers, ...town.dms];
}

export function findChannel(town, channelId) {
  return allChannels(town).find((channel) => channel.id === channelId);
}

/** The channel that an address means, by id or name; else the first one. */
export function channelFrom(town, wanted) {
  const channels = allChannels(town);
  return channels.find((c) => c.id === wanted) ?? channels.find((c) => c.name === wanted && c.type !== DM) ?? channels[0];
}

export function userName(town, userId) {
  return town.users[userId]?.name ?? "someone who left";
}

/** A text in which "@ben" mentions ben, where there is one. */
export function withMentions(town, text) {
  const ids = new Map(Object.entries(town.users).map(([id, user]) => [user.name.toLowerCase(), id]));
  return text.replace(/(?<![\w<])@(\w+)/g, (typed, name) => (ids.has(name.toLowerCase()) ? `<@${ids.get(name.toLowerCase())}>` : typed));
}

export function isBot(town, userId) {
  return Boolean(town.users[userId]?.bot);
}

export function channelTitle(town, channel) {
  return channel.type === DM ? userName(town, channel.with) : channel.name;
}

/** Whether one may do something in a channel. */
export const may = (channel, permission) => Boolean(BigInt(channel.permissions) & permission);

/** What a person is called beside their name: owner, their highest role, or nothing. */
export function rankOf(guild, userId) {
  if (guild.owner_id === userId) return "owner";
  const member = guild.members.find((one) => one.id === userId);
  const roles = guild.roles.filter((role) => member?.roles.includes(role.id));
  return roles.at(-1)?.name ?? "";
}

export function uploadLimit(channel) {
  return channel.guild?.upload_limit ?? 10 * 2 ** 20;
}
