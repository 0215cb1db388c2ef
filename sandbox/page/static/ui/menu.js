/** A menu over the page: arrow keys move, Enter chooses, Escape and a press outside close it. */

import { html, useEffect, useLayoutEffect, useRef } from "../vendor/htm-preact.js";
import { placeBeside } from "./floating.js";

/** items: {label, act, icon?, detail?, danger?, checked?, href?, keep?}; a `href` opens in a new tab on Ctrl. */
export function Menu({ label, items, anchor, point, onClose }) {
  const list = useRef(null);
  useLayoutEffect(() => placeBeside(list.current, { anchor, point }));
  useEffect(() => {
    (list.current.querySelector("[aria-checked=true]") ?? list.current.querySelector("[role^=menuitem]"))?.focus();
  }, [label]);
  const choose = (item) => (event) => {
    if (item.href && (event.ctrlKey || event.metaKey)) {
      open(item.href, "_blank");
      return;
    }
    if (!item.keep) onClose();
    item.act();
  };
  return html`
    <div class="shade" onClick=${onClose} onContextMenu=${(event) => (event.preventDefault(), onClose())}>
      </div>
    <div ref=${list} class="menu" role="menu" aria-label=${label}
      onKeyDown=${(event) => move(event, list.current, onClose)}>
      ${items.map((item) => html`
        <button key=${item.label} role=${item.checked === undefined ? "menuitem" : "menuitemradio"}
          aria-checked=${item.checked}
          class=${item.danger ? "danger" : ""} tabindex="-1" onClick=${choose(item)}>
          ${item.icon}<span class="label">${item.label}</span>${item.detail && html`<small>${item.detail}</small>`}
        </button>`)}
    </div>`;
}

function move(event, list, onClose) {
  const entries = [...list.querySelectorAll("[role^=menuitem]")];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to !== undefined) entries.at(to % entries.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") onClose();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
