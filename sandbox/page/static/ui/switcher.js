/** The corner that says who one is, and lets one be someone else. */

import { html, useRef, useState } from "../vendor/htm-preact.js";
import { addressOf } from "../address.js";
import { useChat } from "../context.js";
import { rankOf } from "../places.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";

export function Switcher({ state }) {
  const chat = useChat();
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const { town, member } = state;
  const people = Object.entries(town.users).filter(([, user]) => !user.bot);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return html`<div class="switcher">
    <button ref=${button} class="who" aria-haspopup="menu" aria-expanded=${open}
      aria-label=${`You are ${member}. Be someone else`} onClick=${() => setOpen(!open)}>
      <${Avatar} name=${member} size=${32} />
      <span class="names"><strong>${member}</strong>
        <small>${rankIn(town, town.me) || "member"} · switch</small></span>
      <${Icon} name="down" />
    </button>
    ${open && html`<${Menu} label="Be someone else" anchor=${button.current} onClose=${close}
      items=${people.map(([id, user]) => ({
      label: user.name,
      detail: rankIn(town, id),
      icon: html`<${Avatar} name=${user.name} size=${24} />`,
      checked: user.name === member,
      href: addressOf(user.name),
      act: () => chat.become(user.name),
    }))} />`}
  </div>`;
}

function rankIn(town, userId) {
  return town.guilds.map((guild) => rankOf(guild, userId)).find(Boolean) ?? "";
}
