/** Opens the page. */

import { html, render } from "./vendor/htm-preact.js";
import { App } from "./app.js";
import { Chat } from "./chat.js";
import { ChatContext } from "./context.js";
import { createStore, initialState } from "./store.js";

const store = createStore(initialState);
const chat = new Chat(store);
const root = document.getElementById("app");

function draw(state) {
  render(html`<${ChatContext.Provider} value=${chat}><${App} state=${state} /><//>`, root);
}

root.replaceChildren();
store.subscribe(draw);
addEventListener("popstate", () => chat.followAddress());
document.addEventListener("visibilitychange", () => chat.reading.markRead());
chat.followAddress();
