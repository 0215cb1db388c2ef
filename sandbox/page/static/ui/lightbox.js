/** A picture alone on the screen; arrow keys go through those of one message. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { isSmall } from "./attachments.js";
import { Icon } from "./icons.js";

export function Lightbox({ pictures, index, onClose }) {
  const dialog = useRef(null);
  const [at, setAt] = useState(index);
  useEffect(() => dialog.current.showModal(), []);
  const picture = pictures[at];
  const go = (step) => setAt((at + step + pictures.length) % pictures.length);
  const onKeyDown = (event) => {
    if (event.key === "ArrowRight") go(1);
    if (event.key === "ArrowLeft") go(-1);
  };
  const outside = (event) => event.target.tagName !== "IMG" && !event.target.closest("a, button") && dialog.current.close();
  return html`<dialog ref=${dialog} class="lightbox" aria-label=${picture.alt} onClose=${onClose}
    onClick=${outside} onKeyDown=${onKeyDown}>
    <img src=${picture.url} alt=${picture.alt} class=${isSmall(picture) ? "small-picture" : ""} />
    <p>${pictures.length > 1 && html`<button class="plain" aria-label="Previous picture"
      onClick=${() => go(-1)}>‹</button> ${at + 1} of ${pictures.length} <button class="plain"
      aria-label="Next picture" onClick=${() => go(1)}>›</button> · `}
      <a href=${picture.url} target="_blank" rel="noreferrer noopener">Open original</a></p>
    <button class="plain corner" aria-label="Close" onClick=${() => dialog.current.close()}>
      <${Icon} name="close" /></button>
  </dialog>`;
}
