/** The fields of a modal: texts, menus, ticks and files, each with its label. */

import { html, useState } from "../vendor/htm-preact.js";
import { upload } from "../api.js";
import { useChat } from "../context.js";
import { Select } from "./select.js";
import { Text } from "./text.js";

const ROW = 1, TEXT_INPUT = 4, TEXT = 10, LABEL = 18, FILES = 19, RADIO = 21, CHECKS = 22, CHECKBOX = 23;
const SELECTS = [3, 5, 6, 7, 8];

/** Every field with the label that stands above it. */
function fieldsOf(parts) {
  return parts.flatMap((part) => {
    if (part.type === LABEL) return [{ ...part.component, label: part.label, description: part.description }];
    if (part.components) return fieldsOf(part.components);
    return part.custom_id ? [part] : [];
  });
}

export function initialValues(parts) {
  return Object.fromEntries(fieldsOf(parts).map((field) => [field.custom_id, initial(field)]));
}

function initial(field) {
  if (field.type === TEXT_INPUT) return field.value ?? "";
  if (field.type === CHECKBOX) return Boolean(field.default);
  const preset = (field.options ?? []).filter((option) => option.default).map((option) => option.value);
  if (field.type === RADIO) return preset[0] ?? null;
  return field.default_values ? field.default_values.map((one) => one.id) : preset;
}

/** What is missing or too long, in words. */
export function problemsOf(parts, values) {
  return fieldsOf(parts).map((field) => problemOf(field, values[field.custom_id])).filter(Boolean);
}

function problemOf(field, value) {
  const name = field.label ?? field.placeholder ?? field.custom_id;
  const required = field.required !== false;
  if (field.type === CHECKBOX) return null;
  const empty = value === null || value.length === 0;
  if (empty) return required && field.min_values !== 0 ? `“${name}” is needed.` : null;
  if (field.type === TEXT_INPUT && value.length < (field.min_length ?? 0)) return `“${name}” takes at least ${field.min_length} characters, not ${value.length}.`;
  if (Array.isArray(value) && value.length < (field.min_values ?? 1)) return `“${name}” takes at least ${field.min_values}.`;
  return null;
}

export function ModalPart({ part, values, channelId, onChange }) {
  if (part.type === TEXT) return html`<${Text} text=${part.content} />`;
  if (part.type === ROW) return part.components.map((inner) => html`<${ModalPart} key=${inner.id}
    part=${inner} ...${{ values, channelId, onChange }} />`);
  const field = part.type === LABEL ? part.component : part;
  const id = `field-${field.custom_id}`;
  const needed = field.required !== false && field.min_values !== 0 && field.type !== CHECKBOX;
  const shared = { field, id, label: part.label, value: values[field.custom_id], channelId, onChange: (value) => onChange(field.custom_id, value) };
  return html`<div class="modal-field">
    <label for=${id}>${part.label}${needed && html`<span class="needed" title="Required">*</span>`}</label>
    ${part.description && html`<small>${part.description}</small>`}
    <${Field} ...${shared} />
  </div>`;
}

function Field(props) {
  const { field, id, label, value, onChange } = props;
  if (field.type === TEXT_INPUT) {
    const shared = { id, value, placeholder: field.placeholder, maxlength: field.max_length ?? 4000, onInput: (event) => onChange(event.target.value) };
    return field.style === 2 ? html`<textarea rows="4" ...${shared}></textarea>` : html`<input type="text"
      autocomplete="off" ...${shared} />`;
  }
  if (SELECTS.includes(field.type)) return html`<${Select} part=${field} values=${value} label=${label}
    onChosen=${onChange} />`;
  if (field.type === FILES) return html`<${Files} ...${props} />`;
  if (field.type === CHECKBOX) return html`<input type="checkbox" id=${id} checked=${value}
    onChange=${(event) => onChange(event.target.checked)} />`;
  return html`<${Ticks} ...${props} />`;
}

/** One of several (radio), or some of several. */
function Ticks({ field, id, value, onChange }) {
  const several = field.type === CHECKS;
  const chosen = several ? value : [value];
  const toggle = (one) => onChange(several ? (value.includes(one) ? value.filter((v) => v !== one) : [...value, one]) : one);
  return html`<div role=${several ? "group" : "radiogroup"} id=${id}>${field.options.map((option) => html`
    <label class="tick" key=${option.value}>
      <input type=${several ? "checkbox" : "radio"} name=${id} checked=${chosen.includes(option.value)}
        onChange=${() => toggle(option.value)} />
      ${option.label}${option.description && html`<small>${option.description}</small>`}
    </label>`)}</div>`;
}

function Files({ field, id, value, channelId, onChange }) {
  const chat = useChat();
  const [names, setNames] = useState([]);
  const choose = async (files) => {
    const chosen = [...files].slice(0, field.max_values ?? 1);
    const stored = await chat.try(() => Promise.all(chosen.map((file) => upload(channelId, file))));
    if (!stored) return;
    setNames(stored.map((file) => file.filename));
    onChange(stored.map((file) => file.id));
  };
  return html`<div class="drop" onDragOver=${(event) => event.preventDefault()}
    onDrop=${(event) => (event.preventDefault(), choose(event.dataTransfer.files))}>
    <input type="file" id=${id} multiple=${(field.max_values ?? 1) > 1}
      onChange=${(event) => choose(event.target.files)} />
    ${value.length > 0 && html`<small>${names.join(", ")}</small>`}
  </div>`;
}
