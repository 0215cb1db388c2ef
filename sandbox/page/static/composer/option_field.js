/** One option of a command: its name and what is typed, chosen or attached. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { Icon } from "../ui/icons.js";
import { ATTACHMENT, filtered, INTEGER, NUMBER, STRING } from "./options.js";
import { listKey, Suggestions } from "./suggestions.js";

const PAUSE_MS = 200; // the bot is asked once typing rests for this long
const LISTED = 25;

export function OptionField(props) {
  const { option, wrong, onDrop } = props;
  const Value = option.type === ATTACHMENT ? FileValue : TextValue;
  return html`<span class=${wrong ? "pill wrong" : "pill"} data-option=${option.name}
    title=${option.description}>
    <label for=${`option-${option.name}`}>${option.name}</label>
    <${Value} ...${props} />
    ${!option.required && html`<button type="button" class="plain drop-option" tabindex="-1"
      aria-label=${`Remove ${option.name}`} onClick=${onDrop}><${Icon} name="close" size=${14} /></button>`}
  </span>`;
}

function TextValue({ option, field, offers, path, others, wrong, onChange, onFocus, onNext, onDrop, onCancel }) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const asked = useChoices({ option, path, others, field, open });
  const choices = (offers ? filtered(offers, field.chosen ? "" : field.text) : asked.choices).slice(0, LISTED);
  const shown = open ? choices : [];
  const id = `choices-${option.name}`;
  const take = (index) => {
    const choice = choices[index];
    onChange({ text: choice.name, chosen: choice });
    setOpen(false);
    onNext();
  };
  const input = (event) => {
    setOpen(true);
    setActive(0);
    onChange({ text: event.target.value });
  };
  const keyDown = (event) => {
    if (listKey(event, { count: shown.length, active, onPoint: setActive, onTake: take, onClose: () => setOpen(false) })) return;
    if (event.key !== "Backspace" || field.text) return;
    event.preventDefault();
    if (option.required) onCancel();
    else onDrop();
  };
  const numeric = option.type === INTEGER ? "numeric" : option.type === NUMBER ? "decimal" : undefined;
  const items = shown.map((choice) => ({ key: String(choice.value), name: choice.name }));
  const note = open ? asked.note : "";
  const shared = {
    id: `option-${option.name}`, class: "value", value: field.text,
    "aria-label": option.name, "aria-description": option.description, "aria-invalid": Boolean(wrong),
    role: "combobox", "aria-expanded": shown.length > 0, "aria-controls": id, "aria-autocomplete": "list",
    "aria-activedescendant": shown.length ? `${id}-${active}` : undefined,
    autocomplete: "off", inputmode: numeric, onInput: input, onKeyDown: keyDown,
    onFocus: () => (setOpen(true), onFocus()), onClick: () => setOpen(true), onBlur: () => setOpen(false),
  };
  const isText = option.type === STRING && !offers && !option.autocomplete;
  return html`
    ${isText ? html`<textarea rows="1" ...${shared}></textarea>` : html`<input ...${shared} />`}
    <${Suggestions} id=${id} label=${`${option.name} · ${option.description}`} items=${items} active=${active}
      onTake=${take} onPoint=${setActive} note=${note} />`;
}

/** Autocomplete's choices for what is typed, asked of the bot while the field is open. */
function useChoices({ option, path, others, field, open }) {
  const chat = useChat();
  const [found, setFound] = useState({ choices: [], note: "" });
  const latest = useRef(0);
  useEffect(() => {
    if (!option.autocomplete || !open) return undefined;
    const turn = ++latest.current;
    const timer = setTimeout(async () => {
      const choices = await chat.bot.choices(path, option.name, field.text, others(option.name)).catch(() => null);
      if (turn !== latest.current) return; // a later one was asked meanwhile
      const note = choices === null ? "Loading options failed." : choices.length ? "" : "No options match your search.";
      setFound({ choices: choices ?? [], note });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [field.text, open]);
  return found;
}

function FileValue({ option, field, onChange, onFocus, onNext }) {
  const picker = useRef(null);
  const preview = usePreview(field.file);
  const choose = (event) => {
    const [file] = event.target.files;
    if (!file) return;
    onChange({ text: file.name, file });
    onNext();
  };
  // Enter sends the command once there is a file; before, it asks for one.
  const keyDown = (event) => event.key === "Enter" && !field.file && event.stopPropagation();
  return html`
    <button type="button" id=${`option-${option.name}`} class="value" onKeyDown=${keyDown} onFocus=${onFocus}
      onClick=${() => picker.current.click()}>
      ${preview && html`<img class="preview" src=${preview}
        alt="" />`}${field.file ? field.file.name : "Choose, drop or paste a file"}</button>
    <input ref=${picker} type="file" hidden tabindex="-1" aria-label=${option.name} onChange=${choose} />`;
}

function usePreview(file) {
  const [address, setAddress] = useState(null);
  useEffect(() => {
    if (!file?.type.startsWith("image/")) {
      setAddress(null);
      return undefined;
    }
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
