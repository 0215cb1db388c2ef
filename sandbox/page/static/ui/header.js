/** The bar above the messages: where one is, and what else can be shown. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { channelTitle, DM, isThread } from "../places.js";
import { Icon } from "./icons.js";

export function Header({ state, channel }) {
  const chat = useChat();
  const { store } = chat;
  const isNarrow = () => matchMedia("(max-width: 60rem)").matches;
  const people = () =>
    isNarrow() ? store.set({ drawer: "people" }) : store.set((s) => ({ peopleShown: !s.peopleShown }));
  return html`<header class="header">
    <button class="plain narrow-only" aria-label="Channels" onClick=${() => store.set({ drawer: "places" })}>
      <${Icon} name="menu" />
      ${anyUnread(state) && html`<span class="unread-dot"></span>`}
    </button>
    <h1>
      ${channel && html`<span class="glyph"><${Icon} name=${glyph(channel)} />
        </span>${channelTitle(state.town, channel)}`}
    </h1>
    ${channel?.topic && html`<p class="topic">${channel.topic}</p>`}
    <span class="grow"></span>
    <button class="plain" aria-label="Faults" title="Let things go wrong" aria-pressed=${state.faultsShown}
      onClick=${() => store.set((s) => ({ faultsShown: !s.faultsShown }))}><${Icon} name="wrench" /></button>
    ${channel?.guild && html`<button class="plain" aria-label="Members" title="Members" onClick=${people}>
      <${Icon} name="people" /></button>`}
  </header>`;
}

export const glyph = (channel) => (channel.type === DM ? "at" : isThread(channel) ? "thread" : "hash");

const anyUnread = (state) => Object.values(state.mentions).some(Boolean);
