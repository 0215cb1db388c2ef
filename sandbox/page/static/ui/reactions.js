/** Reactions below a message, with counts and one's own marked. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { userName } from "../places.js";
import { Icon } from "./icons.js";

export function Reactions({ message }) {
  const chat = useChat();
  if (!message.reactions?.length) return null;
  const { town } = chat.state;
  const more = (event) => chat.show({ kind: "emoji", message, anchor: event.currentTarget });
  return html`<div class="reactions" role="group" aria-label="Reactions">
    ${message.reactions.map(({ emoji, users, count }) => {
      const mine = users.includes(town.me);
      const names = users.map((id) => userName(town, id)).join(", ");
      return html`<button key=${emoji.name} class=${mine ? "reaction mine" : "reaction"} aria-pressed=${mine}
        title=${names}
        aria-label=${`${emoji.name}, ${count}: ${names}`} onClick=${() => chat.react(message, emoji.name)}>
        <span>${emoji.name}</span><span class="count">${count}</span></button>`;
    })}
    <button class="reaction" aria-label="Add a reaction" onClick=${more}><${Icon} name="smile" size=${16} />
      </button>
  </div>`;
}
