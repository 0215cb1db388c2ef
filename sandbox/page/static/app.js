/** The page: places left, messages in the middle, people right, and what lies over them. */

import { html, useEffect } from "./vendor/htm-preact.js";
import { useChat } from "./context.js";
import { findChannel } from "./places.js";
import { Composer } from "./composer/composer.js";
import { Faults } from "./ui/faults.js";
import { Header } from "./ui/header.js";
import { Messages } from "./ui/messages.js";
import { Overlay } from "./ui/overlay.js";
import { People } from "./ui/people.js";
import { Places } from "./ui/places.js";
import { Toasts } from "./ui/toasts.js";

export function App({ state }) {
  const chat = useChat();
  const channel = state.town && findChannel(state.town, state.channelId);
  useEffect(() => {
    document.title = channel ? `${channel.name} · ${state.member}` : "Local Discord";
  }, [channel?.name, state.member]);
  useEffect(() => {
    if (state.drawer) document.querySelector(`.${state.drawer} button`)?.focus();
  }, [state.drawer]);
  if (!state.town) return html`<p class="starting" role="status">${STARTING[state.link]}</p>`;
  const closeDrawer = () => chat.store.set({ drawer: null });
  const keyDown = (event) => event.key === "Escape" && state.drawer && closeDrawer();
  return html`
    <div class="page" onKeyDown=${keyDown} data-drawer=${state.drawer ?? "none"}
      data-people=${state.peopleShown && !state.faultsShown ? "shown" : "hidden"}>
      <${Places} state=${state} />
      <main class="middle" inert=${Boolean(state.drawer) || undefined}>
        <${Header} state=${state} channel=${channel} />
        ${state.link !== "live" && html`<p class="notice"
          role="status">Reconnecting to the local Discord…</p>`}
        ${!state.town.connected && html`<p class="notice"
          role="status">The bot is offline. Its commands wait until it is back.</p>`}
        ${channel && html`
          <${Messages} key=${`${state.member} ${channel.id}`} state=${state} channel=${channel} />
          <${Composer} key=${`composer ${state.member} ${channel.id}`} state=${state} channel=${channel} />`}
      </main>
      ${channel?.guild && html`<${People} state=${state} guild=${channel.guild} />`}
      ${state.faultsShown && html`<${Faults} />`}
      ${state.drawer && html`<button class="veil" aria-label="Close" onClick=${closeDrawer}></button>`}
    </div>
    ${state.overlay && html`<${Overlay} overlay=${state.overlay} state=${state} />`}
    <${Toasts} toasts=${state.toasts} />`;
}

const STARTING = {
  connecting: "Opening the local Discord…",
  live: "Opening the local Discord…",
  lost: "The local Discord does not answer. Trying again…",
};
