/** What a bot puts below or into its messages: buttons and menus in rows, and the newer layout parts. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { linkable, localPath } from "../files.js";
import { Gallery } from "./attachments.js";
import { Select } from "./select.js";
import { Text } from "./text.js";
import { Dots } from "./waiting.js";

const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link-button", 6: "secondary" };

export function Components({ message, pressed }) {
  if (!message.components.length) return null;
  return html`<div class="components">${message.components.map((part) => html`<${Part} key=${part.id}
    part=${part} message=${message} pressed=${pressed} />`)}</div>`;
}

function Part(props) {
  const Kind = PARTS[props.part.type];
  return Kind ? html`<${Kind} ...${props} />` : null;
}

const inside = ({ part, message, pressed }) =>
  (part.components ?? []).map((inner) => html`<${Part} key=${inner.id} part=${inner} message=${message}
    pressed=${pressed} />`);

function Row(props) {
  return html`<div class="row">${inside(props)}</div>`;
}

function Button({ part, message, pressed }) {
  const chat = useChat();
  const face = html`${part.emoji && html`<span
    class="emoji">${part.emoji.name}</span>`}${part.label && html`<span>${part.label}</span>`}`;
  const label = part.label ?? nameFrom(part.custom_id) ?? part.emoji?.name;
  if (part.url) {
    return html`<a class="button link-button" href=${linkable(part.url)} target="_blank"
      rel="noreferrer noopener">${face}</a>`;
  }
  const busy = pressed === part.custom_id;
  return html`<button class=${`button ${BUTTON_STYLES[part.style]}`} disabled=${part.disabled}
    aria-busy=${busy} aria-label=${label} title=${part.label ? undefined : label}
    onClick=${() => !pressed && chat.bot.press(message, part.custom_id)}>
    ${busy ? html`<${Dots} />` : face}</button>`;
}

/** A button that shows an emoji alone is called by the first word of its id: "rerun:7ZK3" is Rerun. */
function nameFrom(customId) {
  const word = /^[a-z]+/i.exec(customId ?? "")?.[0];
  return word && word[0].toUpperCase() + word.slice(1);
}

function Menu({ part, message, pressed }) {
  const chat = useChat();
  return html`<${Select} part=${part} busy=${pressed === part.custom_id}
    onChosen=${(values) => chat.bot.select(message, part.custom_id, values)} />`;
}

function Section(props) {
  return html`<div class="section"><div>${inside(props)}</div><${Part} part=${props.part.accessory}
    message=${props.message} pressed=${props.pressed} /></div>`;
}

function Container(props) {
  const { accent_color: accent } = props.part;
  const style = accent ? { borderLeftColor: `#${accent.toString(16).padStart(6, "0")}` } : undefined;
  return html`<div class="embed container" style=${style}>${inside(props)}</div>`;
}

const mediaOf = (message, media) => {
  const name = media.url.replace("attachment://", "");
  const file = message.attachments.find((one) => one.filename === name);
  return { url: localPath(file?.url ?? media.url), width: file?.width ?? media.width, height: file?.height ?? media.height };
};

function MediaGallery({ part, message }) {
  const pictures = part.items.map((item) => ({ ...mediaOf(message, item.media), alt: item.description || "Picture", spoiler: item.spoiler }));
  return html`<${Gallery} pictures=${pictures} />`;
}

const PARTS = {
  1: Row, 2: Button, 3: Menu, 5: Menu, 6: Menu, 7: Menu, 8: Menu, 9: Section, 12: MediaGallery, 17: Container,
  10: ({ part }) => html`<${Text} text=${part.content} />`,
  11: ({ part, message }) => html`<img class="thumbnail" src=${mediaOf(message, part.media).url}
    alt=${part.description ?? ""} />`,
  13: ({ part, message }) => html`<a class="file" href=${mediaOf(message, part.file).url}
    download>${part.name ?? "File"}</a>`,
  14: ({ part }) => html`<hr class=${part.divider === false ? "invisible" : ""} />`,
};
