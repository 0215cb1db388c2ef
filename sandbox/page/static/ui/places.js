/** The left side: servers, their channels and threads, direct messages, and who one is. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { newer } from "../ids.js";
import { channelTitle, isBot, isThread } from "../places.js";
import { Avatar } from "./avatar.js";
import { glyph } from "./header.js";
import { Icon } from "./icons.js";
import { Switcher } from "./switcher.js";

export function Places({ state }) {
  const { town } = state;
  return html`<nav class="places" aria-label="Channels">
    <div class="scroll">
      ${town.guilds.map((guild) => html`<${Server} key=${guild.id} guild=${guild} state=${state} />`)}
      <${DirectMessages} state=${state} />
    </div>
    <${Switcher} state=${state} />
  </nav>`;
}

function Server({ guild, state }) {
  const top = guild.channels.filter((channel) => !isThread(channel));
  const isOpen = (thread) => !thread.thread_metadata?.archived || thread.id === state.channelId;
  const threads = (parent) => guild.channels.filter((c) => isThread(c) && c.parent_id === parent.id && isOpen(c));
  return html`<section aria-label=${guild.name}>
    <h2 class="server">${guild.name}</h2>
    <ul>${top.map((channel) => html`
      <${Place} key=${channel.id} channel=${channel} state=${state} />
      ${threads(channel).map((thread) => html`<${Place} key=${thread.id} channel=${thread}
        state=${state} />`)}`)}
    </ul>
  </section>`;
}

function DirectMessages({ state }) {
  const chat = useChat();
  const { town } = state;
  const withBot = town.dms.some((dm) => dm.with === town.bot_id);
  const others = town.dms.filter((dm) => dm.with !== town.bot_id);
  return html`<section aria-label="Direct messages">
    <h2 class="group">Direct messages</h2>
    <ul>
      ${withBot
        ? town.dms.filter((dm) => dm.with === town.bot_id).map((dm) => html`<${Place} key=${dm.id}
          channel=${dm} state=${state} />`)
        : html`<li><button class="place" onClick=${() => chat.openDm(town.bot_id)}>
            <${Avatar} name=${town.users[town.bot_id].name} bot size=${24} online=${town.connected} />
            <span class="name">${town.users[town.bot_id].name}</span></button></li>`}
      ${others.map((dm) => html`<${Place} key=${dm.id} channel=${dm} state=${state} />`)}
    </ul>
  </section>`;
}

function Place({ channel, state }) {
  const chat = useChat();
  const { town } = state;
  const current = channel.id === state.channelId;
  const unread = !current && newer(state.lasts[channel.id], state.reads[channel.id]);
  const mentions = current ? 0 : state.mentions[channel.id];
  const title = channelTitle(town, channel);
  const classes = ["place", current && "current", unread && "unread", isThread(channel) && "thread"].filter(Boolean).join(" ");
  const label = `${title}${unread ? ", unread" : ""}${mentions ? `, ${mentions} for you` : ""}`;
  return html`<li>
    <button class=${classes} aria-current=${current ? "page" : undefined} aria-label=${label}
      onClick=${() => chat.open(channel.id)}>
      ${channel.with
        ? html`<${Avatar} name=${title} bot=${isBot(town, channel.with)} size=${24}
          online=${isBot(town, channel.with) ? town.connected : undefined} />`
        : html`<span class="glyph"><${Icon} name=${glyph(channel)} size=${18} /></span>`}
      <span class="name">${title}</span>
      ${mentions ? html`<span class="badge">${mentions}</span>` : null}
    </button>
  </li>`;
}
