/** A quiet panel that lets things go wrong between the bot and the local Discord. */

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { act } from "../api.js";
import { useChat } from "../context.js";
import { Icon } from "./icons.js";
import { NewFault } from "./new_fault.js";

const TOKEN_LIFE_S = 15 * 60;
const LOOK_AGAIN_MS = 1000;

/** A kind or target of a fault in words. */
export const words = (kind) => kind.replaceAll("_", " ").replace("rate limited", "429, asks to wait");
export const nameOf = ({ method, route }) => {
  if (route !== "*" || !["*", "EVENT"].includes(method)) return `${method} ${route}`;
  return method === "EVENT" ? "any event" : "any request";
};

export function Faults() {
  const chat = useChat();
  const [choices, setChoices] = useState(null);
  const [waiting, setWaiting] = useState([]);
  const tell = async (body = {}) => setWaiting((await chat.try(() => act("faults", body))) ?? []);
  const add = async (fault) => {
    await chat.try(() => act("add_fault", fault));
    tell();
  };
  useEffect(() => {
    chat.try(() => act("fault_choices")).then(setChoices);
    tell();
  }, []);
  useEffect(() => {
    if (!waiting.length) return undefined;
    const timer = setTimeout(tell, LOOK_AGAIN_MS); // only while some wait: they run out by themselves
    return () => clearTimeout(timer);
  }, [waiting]);
  const close = () => chat.store.set({ faultsShown: false });
  return html`<aside class="faults" aria-label="Faults"
    onKeyDown=${(event) => event.key === "Escape" && close()}>
    <header><h2>Let things go wrong</h2><button class="plain" aria-label="Close" onClick=${close}>
      <${Icon} name="close" /></button></header>
    ${choices && html`<${NewFault} choices=${choices} onAdd=${add} />`}
    <${AtOnce} onAdd=${add} />
    <section aria-label="Waiting faults">
      <h3>Waiting to happen</h3>
      ${waiting.length === 0 && html`<p>Nothing: all goes well.</p>`}
      <ul>${waiting.map((fault) => html`<${Waiting} key=${fault.id} fault=${fault}
        onClear=${() => tell({ clear: fault.id })} />`)}</ul>
      ${waiting.length > 1 && html`<button class="button secondary"
        onClick=${() => tell({ clear: true })}>Clear all</button>`}
    </section>
  </aside>`;
}

function Waiting({ fault, onClear }) {
  const left = fault.left_s === null ? `× ${fault.left}` : `for ${fault.left_s} s`;
  const what = words(fault.kind).replace("bad gateway", fault.status);
  return html`<li><span>${what} ${left}<small>${nameOf(fault)}</small></span>
    <button class="plain" aria-label=${`Clear ${what}`} onClick=${onClear}><${Icon} name="close" size=${16} />
      </button></li>`;
}

function AtOnce({ onAdd }) {
  const chat = useChat();
  const now = (name, body) => () => chat.try(() => act(name, body));
  const button = (label, onClick) => html`<button class="button secondary"
    onClick=${onClick}>${label}</button>`;
  return html`<section aria-label="At once">
    <h3>At once</h3>
    <div class="row">
      ${button("Drop the gateway for 3 s", now("drop_gateway", { down_s: 3 }))}
      ${button("Ask to reconnect", now("reconnect_gateway"))}
      ${button("Invalidate its session", now("invalidate"))}
      ${button("429 storm for 10 s", () => onAdd({ kind: "rate_limited", lasting_s: 10, seconds: 1 }))}
      ${button("Let 15 minutes pass", now("advance", { seconds: TOKEN_LIFE_S }))}
    </div>
  </section>`;
}
