/** A command being filled: a pill for each option, required ones first; the others wait behind "+". */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { upload } from "../api.js";
import { useChat } from "../context.js";
import { Icon } from "../ui/icons.js";
import { MoreOptions } from "./more_options.js";
import { OptionField } from "./option_field.js";
import { ATTACHMENT, offered, read } from "./options.js";

const EMPTY = { text: "" };

export function CommandLine({ command, texts, state, channel, giveFile, onClose }) {
  const chat = useChat();
  const form = useRef(null);
  const [fields, setFields] = useState(() => firstFields(command, texts));
  const [focused, setFocused] = useState(() => Object.keys(fields)[0] ?? null);
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const shown = command.options.filter((option) => option.name in fields).sort((a, b) => order(fields, a) - order(fields, b));
  const left = command.options.filter((option) => !(option.name in fields));
  const offers = (option) => (option.autocomplete ? null : offered(option, { town: state.town, channel }));

  useEffect(() => {
    const target = focused ? `[data-option="${focused}"] .value` : ".more";
    (form.current.querySelector(target) ?? form.current.querySelector(".value, .more, .send"))?.focus();
  }, [focused]);

  const change = (name, field) => {
    setProblem("");
    setFields((before) => ({ ...before, [name]: field }));
  };
  const add = (name, field = EMPTY) => {
    change(name, field);
    setFocused(name);
  };
  const drop = (option) => {
    if (option.required) return;
    const names = shown.map((one) => one.name);
    const { [option.name]: _, ...rest } = fields;
    setFields(rest);
    setFocused(names[names.indexOf(option.name) - 1] ?? names[1] ?? null);
  };
  /** After a value was taken: on to the next empty one, else to the others. */
  const next = (name) => {
    const empty = shown.find((option) => option.name !== name && !fields[option.name].text && !fields[option.name].chosen && !fields[option.name].file);
    setFocused(empty?.name ?? null);
    if (!empty) form.current.querySelector(".more, .send")?.focus();
  };
  giveFile.current = (file) => {
    const wanted = command.options.filter((option) => option.type === ATTACHMENT);
    const option = wanted.find((one) => one.name === focused) ?? wanted.find((one) => !fields[one.name]?.file) ?? wanted[0];
    if (option) add(option.name, { text: file.name, file });
    else chat.toast(`/${command.path} takes no file.`);
  };
  /** Every value, or null after showing the first problem. */
  const values = () => {
    const found = {};
    for (const option of shown) {
      const { value, problem: wrong } = read(option, fields[option.name], offers(option));
      if (wrong && isEmpty(fields[option.name]) && !option.required) continue;
      if (wrong) {
        setProblem(isEmpty(fields[option.name]) ? `${option.name} is needed.` : wrong);
        setFocused(option.name);
        return null;
      }
      found[option.name] = value;
    }
    return found;
  };
  const send = async () => {
    const found = values();
    if (!found || sending) return;
    setSending(true);
    const options = await chat.try(() => withUploads(channel.id, found));
    setSending(false);
    if (!options) return;
    onClose();
    chat.bot.slash(command.path, options);
  };
  const keyDown = (event) => {
    if (event.isComposing) return; // these keys are for the input method
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && !event.shiftKey && event.target.matches(".value")) send();
    else return;
    event.preventDefault();
  };
  /** What autocomplete may look at: the other options so far. */
  const others = (name) => {
    const usable = shown.filter((option) => option.name !== name && option.type !== ATTACHMENT && !isEmpty(fields[option.name]));
    const entries = usable.map((option) => [option.name, read(option, fields[option.name], offers(option)).value]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  };

  return html`<form ref=${form} class="command" aria-label=${`Command /${command.path}`} onKeyDown=${keyDown}
    onSubmit=${(event) => event.preventDefault()}>
    ${problem && html`<p class="failed" role="alert">${problem}</p>`}
    <div class="line">
      <div class="pills">
        <span class="command-name" title=${command.description}>/${command.path}</span>
        ${shown.map((option) => html`<${OptionField} key=${option.name} option=${option}
          field=${fields[option.name]} offers=${offers(option)} path=${command.path}
          others=${others} wrong=${problem && focused === option.name}
          onChange=${(field) => change(option.name, field)} onFocus=${() => setFocused(option.name)}
          onNext=${() => next(option.name)} onDrop=${() => drop(option)}
          onCancel=${() => shown[0] === option && onClose()} />`)}
        ${left.length > 0 && html`<${MoreOptions} options=${left} onPick=${add} onBack=${onClose}
          onSend=${send} />`}
      </div>
      <button type="button" class="plain" aria-label="Leave the command" onClick=${onClose}>
        <${Icon} name="close" /></button>
      <button type="button" class="plain send" aria-label="Send" aria-busy=${sending} onClick=${send}>
        <${Icon} name="send" /></button>
    </div>
  </form>`;
}

const isEmpty = (field) => !field.file && !field.chosen && field.text.trim() === "";
const order = (fields, option) => Object.keys(fields).indexOf(option.name);

function firstFields(command, texts) {
  const required = command.options.filter((option) => option.required).map((option) => option.name);
  return Object.fromEntries([...new Set([...required, ...Object.keys(texts)])].map((name) => [name, { text: texts[name] ?? "" }]));
}

/** Files go to the CDN only when the command is sent. */
async function withUploads(channelId, values) {
  const entries = Object.entries(values).map(async ([name, value]) => [name, value instanceof File ? (await upload(channelId, value)).id : value]);
  return Object.fromEntries(await Promise.all(entries));
}
