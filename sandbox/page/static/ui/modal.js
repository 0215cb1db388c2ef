/** A form that the bot opens. What one typed stays until the bot has taken it. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { initialValues, ModalPart, problemsOf } from "./modal_fields.js";
import { Dots } from "./waiting.js";

export function Modal({ interaction, state, onClose }) {
  const chat = useChat();
  const dialog = useRef(null);
  const { modal } = interaction;
  const [values, setValues] = useState(() => initialValues(modal.components));
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    dialog.current.showModal();
    dialog.current.querySelector("input, textarea, .select button")?.focus();
  }, []);
  const send = async (event) => {
    event.preventDefault();
    if (sending) return;
    const wrong = problemsOf(modal.components, values)[0];
    setProblem(wrong ?? "");
    if (wrong) return;
    setSending(true);
    try {
      if (await chat.bot.submit(interaction, values)) dialog.current.close();
      else setProblem("Something went wrong. Try again.");
    } catch (error) {
      setProblem(error.message);
    } finally {
      setSending(false);
    }
  };
  const change = (customId, value) => setValues((before) => ({ ...before, [customId]: value }));
  return html`<dialog ref=${dialog} class="modal" aria-labelledby="modal-title" onClose=${onClose}>
    <form onSubmit=${send} noValidate>
      <h2 id="modal-title">${modal.title}</h2>
      <div class="fields">
        ${modal.components.map((part) => html`<${ModalPart} key=${part.id} part=${part} values=${values}
          channelId=${state.channelId} onChange=${change} />`)}
      </div>
      ${problem && html`<p class="failed" role="alert">${problem}</p>`}
      <footer>
        <button type="button" class="button secondary" onClick=${() => dialog.current.close()}>Cancel</button>
        <button type="submit" class="button primary"
          aria-busy=${sending}>${sending ? html`<${Dots} />` : "Submit"}</button>
      </footer>
    </form>
  </dialog>`;
}
