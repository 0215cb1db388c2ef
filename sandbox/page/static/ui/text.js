/** A message's text on the page: vnodes only, so that no message can bring HTML. */

import { html, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { parse } from "../markdown.js";
import { allChannels, userName } from "../places.js";
import { shown } from "../times.js";

export function Text({ text }) {
  return html`<div class="text">${draw(parse(text))}</div>`;
}

const draw = (nodes) => nodes.map((node) => (typeof node === "string" ? node : DRAWN[node.kind](node)));

const DRAWN = {
  lines: (n) => html`<div>${draw(n.inner)}</div>`,
  strong: (n) => html`<strong>${draw(n.inner)}</strong>`,
  em: (n) => html`<em>${draw(n.inner)}</em>`,
  u: (n) => html`<u>${draw(n.inner)}</u>`,
  s: (n) => html`<s>${draw(n.inner)}</s>`,
  code: (n) => html`<code>${n.text}</code>`,
  pre: (n) => html`<pre><code>${n.text}</code></pre>`,
  h1: (n) => html`<div class="h1" role="heading" aria-level="4">${draw(n.inner)}</div>`,
  h2: (n) => html`<div class="h2" role="heading" aria-level="5">${draw(n.inner)}</div>`,
  h3: (n) => html`<div class="h3" role="heading" aria-level="6">${draw(n.inner)}</div>`,
  small: (n) => html`<div class="small">${draw(n.inner)}</div>`,
  quote: (n) => html`<blockquote>${draw(n.inner)}</blockquote>`,
  ul: (n) => html`<ul>${n.items.map((item) => html`<li>${draw(item)}</li>`)}</ul>`,
  ol: (n) => html`<ol>${n.items.map((item) => html`<li>${draw(item)}</li>`)}</ol>`,
  link: (n) => html`<a href=${n.href} target="_blank" rel="noreferrer noopener"
    title=${n.href}>${draw(n.inner)}</a>`,
  spoiler: (n) => html`<${Spoiler}>${draw(n.inner)}<//>`,
  user: (n) => html`<${UserMention} id=${n.id} />`,
  role: (n) => html`<${RoleMention} id=${n.id} />`,
  channel: (n) => html`<${ChannelMention} id=${n.id} />`,
  time: (n) => html`<time class="stamp" title=${shown(n.seconds, "F")}>${shown(n.seconds, n.style)}</time>`,
  command: (n) => html`<span class="mention">/${n.name}</span>`,
  emoji: (n) => `:${n.name}:`,
  everyone: (n) => html`<span class="mention">@${n.name}</span>`,
};

export function Spoiler({ children }) {
  const [open, setOpen] = useState(false);
  if (open) return html`<span class="spoiler open">${children}</span>`;
  const reveal = () => setOpen(true);
  return html`<button class="spoiler" aria-label="Spoiler: press to reveal" onClick=${reveal}>
    <span aria-hidden="true">${children}</span>
  </button>`;
}

function UserMention({ id }) {
  const { town } = useChat().state;
  const mine = id === town.me ? "mention mine" : "mention";
  return html`<span class=${mine}>@${userName(town, id)}</span>`;
}

function RoleMention({ id }) {
  const roles = useChat().state.town.guilds.flatMap((guild) => guild.roles);
  return html`<span class="mention">@${roles.find((role) => role.id === id)?.name ?? "a role"}</span>`;
}

function ChannelMention({ id }) {
  const chat = useChat();
  const channel = allChannels(chat.state.town).find((one) => one.id === id);
  if (!channel) return html`<span class="mention">#a channel you do not see</span>`;
  return html`<button class="mention" onClick=${() => chat.open(id)}>#${channel.name}</button>`;
}
