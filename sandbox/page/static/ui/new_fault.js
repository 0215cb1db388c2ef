/** The form of one fault: what goes wrong, where, how often or how long. */

import { html, useState } from "../vendor/htm-preact.js";
import { nameOf, words } from "./faults.js";

const ANY_REQUEST = { method: "*", route: "*" };
const ANY_EVENT = { method: "EVENT", route: "*" };

export function NewFault({ choices, onAdd }) {
  const [about, setAbout] = useState("requests");
  const [kind, setKind] = useState(choices.requests.kinds[0]);
  const [target, setTarget] = useState(0);
  const [numbers, setNumbers] = useState({ times: 1, skip: 0, seconds: 1, lasting_s: 0 });
  const targets = [about === "requests" ? ANY_REQUEST : ANY_EVENT, ...choices[about].targets];
  const turnTo = (event) => {
    setAbout(event.target.value);
    setKind(choices[event.target.value].kinds[0]);
    setTarget(0);
  };
  const submit = (event) => {
    event.preventDefault();
    const { method, route } = targets[target];
    onAdd({ kind, method, route, ...numbers, lasting_s: numbers.lasting_s || null });
  };
  const number = (name, label, step) => html`<label>${label}<input type="number" min="0" step=${step} value=${numbers[name]} data-testid=${`fault-${name}`}
    onInput=${(event) => setNumbers({ ...numbers, [name]: Number(event.target.value) })} /></label>`;
  return html`<form onSubmit=${submit}>
    <label>To<select value=${about} data-testid="fault-about" onChange=${turnTo}>
      <option value="requests">the bot's requests</option><option value="events">events to the bot</option></select></label>
    <label>What<select value=${kind} data-testid="fault-kind" onChange=${(event) => setKind(event.target.value)}>
      ${choices[about].kinds.map((one) => html`<option key=${one} value=${one}>${words(one)}</option>`)}</select></label>
    <label>Where<select value=${target} data-testid="fault-target" onChange=${(event) => setTarget(Number(event.target.value))}>
      ${targets.map((one, index) => html`<option key=${index} value=${index}>${nameOf(one)}</option>`)}</select></label>
    <div class="numbers">${number("times", "Times", 1)}${number("skip", "First let through", 1)}</div>
    <div class="numbers">${number("seconds", "Seconds of a wait", 0.1)}${number("lasting_s", "Or all for (s)", 1)}</div>
    <button class="button primary" data-testid="add-fault">Let it happen</button>
  </form>`;
}
