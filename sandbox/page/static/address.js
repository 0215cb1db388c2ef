/** Who looks at what, in the page's address: two tabs can be two members. */

export function readAddress() {
  const query = new URLSearchParams(location.search);
  return { member: query.get("as") ?? "ana", channel: query.get("in") };
}

export function addressOf(member, channel) {
  const query = new URLSearchParams({ as: member });
  if (channel) query.set("in", channel.type === 0 ? channel.name : channel.id);
  return `/?${query}`;
}

export function writeAddress(member, channel) {
  const address = addressOf(member, channel);
  if (address === location.pathname + location.search) return;
  const isFirst = !new URLSearchParams(location.search).has("in");
  history[isFirst ? "replaceState" : "pushState"](null, "", address);
}
