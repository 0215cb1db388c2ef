/** Requests to the members' side of the local Discord. */

export class Refused extends Error {}

/** Carry out an act; throws Refused with words for the member. */
export async function act(name, body = {}) {
  const response = await send(`/local/${name}`, {
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });
  return response.json();
}

/** Put a file on the CDN; its id is what options and messages take. */
export async function upload(channelId, file) {
  const query = new URLSearchParams({ channel: channelId, filename: file.name || "pasted.png" });
  const response = await send(`/local/upload?${query}`, { body: file });
  return response.json();
}

async function send(address, request) {
  let response;
  try {
    response = await fetch(address, { method: "POST", ...request });
  } catch {
    throw new Refused("The local Discord does not answer. Is it still running?");
  }
  if (!response.ok) throw new Refused(await reason(response));
  return response;
}

async function reason(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text || `The local Discord answered ${response.status}.`;
  }
}
