/** What lies over the chat: one thing at a time. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { EmojiPicker } from "./emoji_picker.js";
import { Lightbox } from "./lightbox.js";
import { MessageMenu, PersonMenu } from "./menus.js";
import { Modal } from "./modal.js";

export function Overlay({ overlay, state }) {
  const chat = useChat();
  const close = () => {
    chat.close();
    (overlay.anchor ?? overlay.opener)?.focus?.();
  };
  const shared = { ...overlay, state, onClose: close };
  if (overlay.kind === "modal") return html`<${Modal} key=${overlay.interaction.id} ...${shared} />`;
  if (overlay.kind === "lightbox") return html`<${Lightbox} ...${shared} />`;
  if (overlay.kind === "emoji") return html`<${EmojiPicker} ...${shared}
    onPick=${(emoji) => chat.react(overlay.message, emoji)} />`;
  if (overlay.kind === "message") return html`<${MessageMenu} ...${shared} />`;
  return html`<${PersonMenu} ...${shared} />`;
}
