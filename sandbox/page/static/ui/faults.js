/** A quiet panel that lets things go wrong between the bot and the local Discord. */

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { act } from "../api.js";
import { useChat } from "../context.js";
import { Icon } from "./icons.js";

const ANY = { method: "*", route: "*" };
const TOKEN_LIFE_S = 15 * 60;
const words = (kind) => kind.replaceAll("_", " ").replace("bad gateway", "502").replace("rate limited", "429, ask to wait");
const nameOf = ({ method, route }) => (method === "*" && route === "*" ? "any request" : `${method} ${route}`);

export function Faults() {
  const chat = useChat();
  const [choices, setChoices] = useState(null);
  const [waiting, setWaiting] = useState([]);
  const refresh = async () => setWaiting((await chat.act("faults")) ?? []);
  useEffect(() => {
    chat.act("fault_choices").then(setChoices);
    refresh();
  }, []);
  const close = () => chat.store.set({ faultsShown: false });
  const add = async (fault) => {
    await chat.try(() => act("add_fault", fault));
    refresh();
  };
  const clear = async () => {
    await chat.act("faults", { clear: true });
    refresh();
  };
  return html`<aside class="faults" aria-label="Faults" data-testid="faults" onKeyDown=${(event) => event.key === "Escape" && close()}>
    <header><h2>Let things go wrong</h2><button class="plain" aria-label="Close" onClick=${close}><${Icon} name="close" /></button></header>
    ${choices && html`<${NewFault} choices=${choices} onAdd=${add} />`}
    <section aria-label="Waiting faults">
      <h3>Waiting to happen</h3>
      ${waiting.length === 0 && html`<p>Nothing: all goes well.</p>`}
      <ul>${waiting.map((fault, index) => html`<li key=${index} data-testid="waiting-fault">${words(fault.kind)} × ${fault.times}<small>${nameOf(fault)}</small></li>`)}</ul>
      <div class="row"><button class="button secondary" onClick=${refresh}>Look again</button>
        ${waiting.length > 0 && html`<button class="button secondary" onClick=${clear}>Clear all</button>`}</div>
    </section>
    <section aria-label="At once">
      <h3>At once</h3>
      <div class="row">
        <button class="button secondary" onClick=${() => chat.act("drop_gateway", { down_s: 3 })}>Drop the gateway for 3 s</button>
        <button class="button secondary" onClick=${() => chat.act("invalidate")}>Invalidate its session</button>
        <button class="button secondary" onClick=${() => add({ kind: "rate_limited", times: 20, seconds: 1 })}>429 storm</button>
        <button class="button secondary" onClick=${() => chat.act("advance", { seconds: TOKEN_LIFE_S })}>Let 15 minutes pass</button>
      </div>
    </section>
  </aside>`;
}

function NewFault({ choices, onAdd }) {
  const targets = [ANY, ...choices.targets];
  const [kind, setKind] = useState(choices.kinds[0]);
  const [target, setTarget] = useState(0);
  const [numbers, setNumbers] = useState({ times: 1, skip: 0, seconds: 1 });
  const submit = (event) => {
    event.preventDefault();
    const { method, route } = targets[target];
    onAdd({ kind, method, route, ...numbers });
  };
  const number = (name, label, step) => html`<label>${label}<input type="number" min="0" step=${step} value=${numbers[name]}
    onInput=${(event) => setNumbers({ ...numbers, [name]: Number(event.target.value) })} /></label>`;
  return html`<form onSubmit=${submit}>
    <label>What<select value=${kind} data-testid="fault-kind" onChange=${(event) => setKind(event.target.value)}>
      ${choices.kinds.map((one) => html`<option key=${one} value=${one}>${words(one)}</option>`)}</select></label>
    <label>Where<select value=${target} data-testid="fault-target" onChange=${(event) => setTarget(Number(event.target.value))}>
      ${targets.map((one, index) => html`<option key=${index} value=${index}>${nameOf(one)}</option>`)}</select></label>
    <div class="numbers">${number("times", "Times", 1)}${number("skip", "After", 1)}${number("seconds", "Seconds", 0.1)}</div>
    <button class="button primary" data-testid="add-fault">Let it happen</button>
  </form>`;
}
