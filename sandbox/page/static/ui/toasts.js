/** Short notices of what did not work. */

import { html } from "../vendor/htm-preact.js";

export function Toasts({ toasts }) {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.map((toast) => html`<p class="toast" key=${toast.id}>${toast.text}</p>`)}
  </div>`;
}
