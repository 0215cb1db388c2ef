/** A menu of choices, as messages and modals have them: one value at once, several with a tick each. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { findChannel } from "../places.js";
import { placeBeside } from "./floating.js";
import { Icon } from "./icons.js";
import { Dots } from "./waiting.js";

const STRING = 3;

/** part: Discord's component; `values` makes it follow its owner, as in a modal. */
export function Select({ part, busy, values, label, onChosen }) {
  const chat = useChat();
  const button = useRef(null);
  const [open, setOpen] = useState(false);
  const options = optionsOf(part, chat.state);
  const initial = values ?? options.filter((option) => option.default).map((option) => option.value);
  const chosen = options.filter((option) => initial.includes(option.value));
  const close = (picked) => {
    setOpen(false);
    button.current?.focus();
    if (picked && String(picked) !== String(initial)) onChosen(picked);
  };
  const face = chosen.map((option) => option.label).join(", ") || part.placeholder || "Make a selection";
  return html`<div class="select">
    <button type="button" ref=${button} class=${chosen.length ? "" : "empty"} aria-haspopup="listbox"
      aria-expanded=${open} disabled=${part.disabled}
      aria-label=${`${label ?? part.placeholder ?? "Menu"}: ${face}`} onClick=${() => !busy && setOpen(!open)}
      onKeyDown=${(event) => event.key === "ArrowDown" && (event.preventDefault(), setOpen(true))}>
      ${busy ? html`<${Dots} />` : html`<span class="face-text">${face}</span>`}<${Icon} name="down" />
    </button>
    ${open && html`<${Choices} part=${part} options=${options} initial=${initial} anchor=${button.current}
      onClose=${close} />`}
  </div>`;
}

function Choices({ part, options, initial, anchor, onClose }) {
  const list = useRef(null);
  const [picked, setPicked] = useState(initial);
  const [typed, setTyped] = useState("");
  const most = part.max_values ?? 1;
  const several = most > 1;
  useLayoutEffect(() => placeBeside(list.current, { anchor, wide: true }), []);
  useEffect(() => (list.current.querySelector("[aria-selected=true]") ?? list.current.querySelector("[role=option]"))?.focus(), []);
  const enough = picked.length >= (part.min_values ?? 1);
  const leave = () => onClose(several && enough ? picked : null);
  const choose = (value) => {
    if (!several) onClose([value]);
    else if (picked.includes(value)) setPicked(picked.filter((one) => one !== value));
    else if (picked.length < most) setPicked([...picked, value]);
  };
  const jump = (key) => {
    const next = (typed + key).toLowerCase();
    setTyped(next);
    setTimeout(() => setTyped(""), 700);
    const at = options.findIndex((option) => option.label.toLowerCase().startsWith(next));
    list.current.querySelectorAll("[role=option]")[at]?.focus();
  };
  const onKeyDown = (event) => {
    const entries = [...list.current.querySelectorAll("[role=option]")];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) entries.at(to % entries.length)?.focus();
    else if (event.key === "Escape") onClose(null);
    else if (event.key === "Tab") leave();
    else if (event.key.length === 1 && event.key !== " ") return jump(event.key);
    else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  };
  return html`
    <div class="shade" onClick=${leave}></div>
    <div ref=${list} class="menu choices" role="listbox" aria-multiselectable=${several}
      aria-label=${part.placeholder ?? "Choices"} onKeyDown=${onKeyDown}>
      ${options.map((option) => html`
        <button type="button" key=${option.value} role="option" tabindex="-1"
          aria-selected=${picked.includes(option.value)} onClick=${() => choose(option.value)}>
          ${option.emoji && html`<span class="emoji">${option.emoji.name}</span>`}
          <span class="label">${option.label}${option.description && html`<small>${option.description}</small>`}</span>
          ${several && html`<span class="tick"
            aria-hidden="true">${picked.includes(option.value) ? "☑" : "☐"}</span>`}
        </button>`)}
      ${several && html`<button type="button" class="done" disabled=${!enough}
        onClick=${leave}>Done</button>`}
    </div>`;
}

/** The menu's own options, or the people, roles and channels there are. */
function optionsOf(part, { town, channelId }) {
  if (part.type === STRING) return part.options;
  const guild = findChannel(town, channelId)?.guild;
  const users = (guild?.members.map((member) => member.id) ?? [town.me, town.bot_id]).map((id) => ({ value: id, label: town.users[id]?.name ?? id }));
  const roles = (guild?.roles ?? []).map((role) => ({ value: role.id, label: `@${role.name.replace(/^@/, "")}` }));
  const channels = (guild?.channels ?? []).map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  const found = { 5: users, 6: roles, 7: [...users, ...roles], 8: channels }[part.type] ?? [];
  const preset = new Set((part.default_values ?? []).map((one) => one.id));
  return found.map((option) => ({ ...option, default: preset.has(option.value) }));
}
