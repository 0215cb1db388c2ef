/** A list above the field being typed in: arrow keys move, Tab and Enter take, the pointer works too. */

import { html, useEffect, useRef } from "../vendor/htm-preact.js";

/**
 * items: {key, name, detail?}. It stands behind its field in the document: what comes and goes before a
 * field would take the focus from it.
 */
export function Suggestions({ id, label, items, active, onTake, onPoint, note }) {
  const list = useRef(null);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [active]);
  if (!items.length && !note) return null;
  return html`<div class="suggestions">
    <div class="title">${label}</div>
    ${note && html`<p class="note" role="status">${note}</p>`}
    <ul role="listbox" id=${id} aria-label=${label} ref=${list}>
      ${items.map((item, index) => html`
        <li key=${item.key} id=${`${id}-${index}`} role="option" aria-selected=${index === active}
          onMouseDown=${(event) => (event.preventDefault(), onTake(index))}
          onMouseMove=${() => index !== active && onPoint(index)}>
          <span class="name">${item.name}</span>${item.detail && html`<small>${item.detail}</small>`}
        </li>`)}
    </ul>
  </div>`;
}

/** Keys while a list is open. Returns true when the key was for the list. */
export function listKey(event, { count, active, onPoint, onTake, onClose }) {
  if (!count || event.isComposing) return false;
  if (event.key === "ArrowDown") onPoint((active + 1) % count);
  else if (event.key === "ArrowUp") onPoint((active - 1 + count) % count);
  else if (event.key === "Tab" && !event.shiftKey && active >= 0) onTake(active);
  else if (event.key === "Enter" && !event.shiftKey && active >= 0) onTake(active);
  else if (event.key === "Escape") onClose();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
