/** The options that are not filled yet, behind one button: press it or type to see them. */

import { html, useState } from "../vendor/htm-preact.js";
import { filtered } from "./options.js";
import { listKey, Suggestions } from "./suggestions.js";

export function MoreOptions({ options, onPick, onBack, onSend }) {
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1); // none: Enter sends
  const found = filtered(options, typed);
  const show = open || typed ? found : [];
  const take = (index) => {
    setTyped("");
    setOpen(false);
    setActive(-1);
    onPick(found[index].name);
  };
  const input = (event) => {
    setTyped(event.target.value);
    setActive(0);
  };
  const keyDown = (event) => {
    if (event.isComposing) return; // these keys are for the input method
    const close = () => (setOpen(false), setTyped(""));
    if (listKey(event, { count: show.length, active, onPoint: setActive, onTake: take, onClose: close })) return;
    if (event.key === "Backspace" && !typed) onBack();
    else if (event.key === "Enter") onSend();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const items = show.map((option) => ({ key: option.name, name: option.name, detail: option.description }));
  return html`<span class="more-box">
    <input class="more" value=${typed} placeholder=${`+${options.length} more`}
      aria-label=${`Add an option: ${options.length} more`}
      role="combobox" aria-expanded=${show.length > 0} aria-controls="more-options" aria-autocomplete="list"
      aria-activedescendant=${active >= 0 ? `more-options-${active}` : undefined}
      autocomplete="off" onInput=${input} onKeyDown=${keyDown} onFocus=${() => setOpen(true)}
      onClick=${() => setOpen(true)} onBlur=${() => (setOpen(false), setActive(-1))} />
    <${Suggestions} id="more-options" label="Options" items=${items} active=${active} onTake=${take}
      onPoint=${setActive} />
  </span>`;
}
