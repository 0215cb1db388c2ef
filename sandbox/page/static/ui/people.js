/** The right side: who is in this server. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { rankOf } from "../places.js";
import { Avatar } from "./avatar.js";

const GROUPS = [["Bot", (rank, user) => user.bot], ["Team", (rank, user) => !user.bot && rank], ["Members", (rank, user) => !user.bot && !rank]];
const LISTED = 100; // more than these are counted, not drawn

export function People({ state, guild }) {
  const { town } = state;
  const ranked = guild.members.map((member) => ({ id: member.id, user: town.users[member.id], rank: rankOf(guild, member.id) }));
  return html`<aside class="people" aria-label="Members">
    ${GROUPS.map(([title, belongs]) => {
      const found = ranked.filter((one) => one.user && belongs(one.rank, one.user));
      return found.length > 0 && html`<section key=${title}>
        <h2 class="group">${title} — ${found.length}</h2>
        <ul>${found.slice(0, LISTED).map((one) => html`<${Person} key=${one.id} ...${one}
          town=${town} />`)}</ul>
        ${found.length > LISTED && html`<p class="group">and ${found.length - LISTED} more</p>`}
      </section>`;
    })}
  </aside>`;
}

function Person({ id, user, rank, town }) {
  const chat = useChat();
  const show = (event) => {
    event.preventDefault();
    chat.show({ kind: "person", userId: id, anchor: event.currentTarget });
  };
  return html`<li>
    <button class="place" aria-haspopup="menu" onClick=${show} onContextMenu=${show}>
      <${Avatar} name=${user.name} bot=${user.bot} size=${32}
        online=${user.bot ? town.connected : undefined} />
      <span class="name">${user.name}</span>
      ${user.bot && html`<span class="tag">APP</span>`}
      ${rank && html`<small>${rank}</small>`}
    </button>
  </li>`;
}
