/** A round picture of someone: their first letter on a colour of their own. */

import { html } from "../vendor/htm-preact.js";

const COLOURS = ["#5865f2", "#23a55a", "#c9730c", "#d84a6b", "#8b5cf6", "#0d8f9a", "#b0508f"];

export function Avatar({ name, bot, size = 40, online }) {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  const style = { background: bot ? "#5865f2" : COLOURS[sum % COLOURS.length], width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.45}px` };
  return html`<span class="avatar" style=${style} aria-hidden="true">
    ${bot ? "✦" : name[0].toUpperCase()}
    ${online !== undefined && html`<span class=${online ? "dot online" : "dot"}></span>`}
  </span>`;
}
