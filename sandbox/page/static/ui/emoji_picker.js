/** A small choice of emojis: typing filters, arrow keys move. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/htm-preact.js";
import { EMOJIS } from "../emoji.js";
import { placeBeside } from "./floating.js";

const ACROSS = 8;

export function EmojiPicker({ anchor, point, onPick, onClose }) {
  const box = useRef(null);
  const [typed, setTyped] = useState("");
  useLayoutEffect(() => placeBeside(box.current, { anchor, point }));
  useEffect(() => box.current.querySelector("input").focus(), []);
  const found = EMOJIS.filter(([emoji, words]) => words.includes(typed.toLowerCase()) || emoji === typed);
  const pick = (emoji) => {
    onClose();
    onPick(emoji);
  };
  return html`
    <div class="shade" onClick=${onClose}></div>
    <div ref=${box} class="emoji-picker" role="dialog" aria-label="Pick a reaction"
      onKeyDown=${(event) => move(event, box.current, onClose)}>
      <input placeholder="Find a reaction" aria-label="Find a reaction" value=${typed}
        onInput=${(event) => setTyped(event.target.value)}
        onKeyDown=${(event) => event.key === "Enter" && found[0] && (event.stopPropagation(), pick(found[0][0]))} />
      <div class="grid">${found.map(([emoji, words]) => html`
        <button key=${emoji} aria-label=${words} title=${words}
          onClick=${() => pick(emoji)}>${emoji}</button>`)}</div>
      ${found.length === 0 && html`<p>Nothing is called “${typed}”.</p>`}
    </div>`;
}

function move(event, box, onClose) {
  const buttons = [...box.querySelectorAll(".grid button")];
  const at = buttons.indexOf(document.activeElement);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ACROSS, ArrowUp: -ACROSS }[event.key];
  if (event.key === "Escape") onClose();
  else if (at < 0 && event.key === "ArrowDown") buttons[0]?.focus();
  else if (at >= 0 && step) (buttons[at + step] ?? box.querySelector("input")).focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
