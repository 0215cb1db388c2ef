/** A message being written; a "/" at its beginning opens the list of commands. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { Icon } from "../ui/icons.js";
import { matching } from "./options.js";
import { listKey, Suggestions } from "./suggestions.js";

const MOST_CHARACTERS = 2000;
/** A space after a whole name begins the command, as picking it from the list does. */
const NAMED = /^\/\S+(\s\S+)*\s/;

export function PlainLine({ state, title, commands, back, draft, onDraft, hasFiles, onFiles, onCommand, onSend }) {
  const chat = useChat();
  const area = useRef(null);
  const picker = useRef(null);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(false);
  const typing = draft.startsWith("/") && !closed ? draft.slice(1) : null;
  const found = typing === null || !commands ? [] : matching(commands, typing);

  useEffect(() => {
    // On a touch screen the keyboard comes only when asked for.
    if (back || matchMedia("(pointer: fine)").matches) area.current.focus();
    chat.onInsert = (text) => {
      onDraft((before) => before + text);
      area.current?.focus();
    };
    return () => (chat.onInsert = null);
  }, []);
  useEffect(() => state.replyTo && area.current.focus(), [state.replyTo]);

  useEffect(() => {
    // Typed before the commands were known.
    if (commands && NAMED.test(draft) && onCommand(draft)) onDraft("");
  }, [commands]);

  const input = (event) => {
    const text = event.target.value;
    setClosed(false);
    setActive(0);
    if (NAMED.test(text) && onCommand(text)) onDraft("");
    else onDraft(text);
  };
  const take = (index) => {
    onDraft("");
    onCommand(`/${found[index].path}`);
  };
  const send = () => {
    const text = draft.trim();
    if (text.length > MOST_CHARACTERS) chat.toast(`A message takes ${MOST_CHARACTERS} characters; this has ${text.length}.`);
    else if (text || hasFiles) onSend(text);
  };
  const keyDown = (event) => {
    if (listKey(event, { count: found.length, active, onPoint: setActive, onTake: take, onClose: () => setClosed(true) })) return;
    if (event.key === "Escape") chat.replyTo(null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const items = found.map((command) => ({ key: command.path, name: `/${command.path}`, detail: command.description }));
  const isUnknown = commands && typing !== null && !found.length && !/\s/.test(typing);
  const note = isUnknown ? `No command is called /${typing}.` : "";
  return html`
    <div class="line">
      <button class="plain" aria-label="Add files" title="Add files" onClick=${() => picker.current.click()}>
        <${Icon} name="plus" /></button>
      <input ref=${picker} type="file" multiple hidden tabindex="-1"
        onChange=${(event) => (onFiles(event.target.files), (event.target.value = ""))} />
      <textarea ref=${area} rows="1" value=${draft} placeholder=${`Message ${title}, or / for commands`}
        aria-label=${`Message ${title}`}
        role="combobox" aria-expanded=${found.length > 0} aria-controls="commands" aria-autocomplete="list"
        aria-activedescendant=${found.length ? `commands-${active}` : undefined}
        onInput=${input} onKeyDown=${keyDown} onBlur=${() => setClosed(true)}
        onFocus=${() => setClosed(false)}></textarea>
      <button class="plain send" aria-label="Send" title="Send" disabled=${!draft.trim() && !hasFiles}
        onClick=${send}><${Icon} name="send" /></button>
    </div>
    <${Suggestions} id="commands" label="Commands" items=${items} active=${active}
      onTake=${take} onPoint=${setActive} note=${note} />`;
}
