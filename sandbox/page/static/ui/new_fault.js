/** The form of one fault: what goes wrong, where, how often or how long. */

import { html, useState } from "../vendor/htm-preact.js";
import { nameOf, words } from "./faults.js";

const ANY_REQUEST = { method: "*", route: "*" };
const ANY_EVENT = { method: "EVENT", route: "*" };
const STATUSES = [502, 500, 503, 504];
const SCOPES = ["user", "shared", "global"];

export function NewFault({ choices, onAdd }) {
  const [about, setAbout] = useState("requests");
  const [kind, setKind] = useState(choices.requests.kinds[0]);
  const [target, setTarget] = useState(0);
  const [status, setStatus] = useState(STATUSES[0]);
  const [scope, setScope] = useState(SCOPES[0]);
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
    onAdd({ kind, method, route, status, scope, ...numbers, lasting_s: numbers.lasting_s || null });
  };
  const number = (name, label, step) => {
    const take = (event) => setNumbers({ ...numbers, [name]: Number(event.target.value) });
    return html`<label>${label}<input type="number" min="0" step=${step} value=${numbers[name]}
      onInput=${take} /></label>`;
  };
  return html`<form onSubmit=${submit}>
    <label>To<select value=${about} onChange=${turnTo}>
      <option value="requests">the bot's requests</option><option value="events">events to the bot</option>
        </select></label>
    <${Choice} label="What" value=${kind} values=${choices[about].kinds} nameOf=${words}
      onChosen=${setKind} />
    ${kind.startsWith("bad_gateway") && html`
      <${Choice} label="Status" value=${status} values=${STATUSES}
        onChosen=${(one) => setStatus(Number(one))} />`}
    ${kind === "rate_limited" && html`
      <${Choice} label="Whose limit" value=${scope} values=${SCOPES} onChosen=${setScope} />`}
    <${Choice} label="Where" value=${target} values=${targets.map((_, index) => index)}
      nameOf=${(index) => nameOf(targets[index])} onChosen=${(index) => setTarget(Number(index))} />
    <div class="numbers">${number("times", "Times", 1)}${number("skip", "First let through", 1)}</div>
    <div class="numbers">${number("seconds", "Seconds of a wait", 0.1)}${number("lasting_s", "Or all for (s)", 1)}</div>
    <button class="button primary">Let it happen</button>
  </form>`;
}

function Choice({ label, value, values, nameOf: name = String, onChosen }) {
  return html`<label>${label}<select value=${value} onChange=${(event) => onChosen(event.target.value)}>
    ${values.map((one) => html`<option key=${one} value=${one}>${name(one)}</option>`)}</select></label>`;
}
