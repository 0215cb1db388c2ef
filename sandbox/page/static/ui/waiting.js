/** Commands on their way to the bot, below the messages; only whoever asked sees them. */

import { html } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { userName } from "../places.js";
import { Avatar } from "./avatar.js";

export function Waiting({ waiting, channel, state }) {
  const chat = useChat();
  const bot = userName(state.town, state.town.bot_id);
  const here = waiting.filter((one) => one.command && one.channelId === channel.id);
  return here.map((one) => html`<article class="message head" key=${one.key}>
    <div class="used"><strong>${state.member}</strong> used <span class="mention">${one.command}</span></div>
    <${Avatar} name=${bot} bot />
    <div class="body">
      <div class="by"><strong class="bot">${bot}</strong><span class="tag">APP</span></div>
      ${one.state === "sending"
        ? html`<p class="thinking"><${Dots} />Sending command…</p>`
        : html`<p class="failed" role="alert">The application did not respond</p>
            <p class="only-you">Only you can see this · <button class="link"
              onClick=${() => chat.bot.dismiss(one.key)}>Dismiss message</button></p>`}
    </div>
  </article>`);
}

export function Dots() {
  return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`;
}
