/** Where one writes: a message, or after "/" a command. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { upload } from "../api.js";
import { useChat } from "../context.js";
import { sizeText } from "../files.js";
import { channelTitle, DM, isThread, may, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, uploadLimit, userName } from "../places.js";
import { Icon } from "../ui/icons.js";
import { CommandLine } from "./command_line.js";
import { flatten, parseLine } from "./options.js";
import { PlainLine } from "./plain_line.js";

const MOST_FILES = 10;

export function Composer({ state, channel }) {
  const chat = useChat();
  const [command, setCommand] = useState(null); // {command, texts} while one is being filled
  const [files, setFiles] = useState([]); // to send with the message
  const [commands, setCommands] = useState(null); // null: not known yet
  const [draft, setDraft] = useState(chat.drafts.get(channel.id) ?? "");
  const [dragging, setDragging] = useState(false);
  const back = useRef(false); // from a command: go on typing
  const giveFile = useRef(null); // set by the command line: takes a dropped file

  useEffect(() => {
    let current = true;
    chat.commands(channel.id).then((all) => current && setCommands(flatten(all)));
    return () => (current = false);
  }, [state.town]);

  useEffect(() => {
    chat.drafts.set(channel.id, draft);
  }, [draft]);
  const begin = (line) => {
    const parsed = commands && parseLine(line, commands);
    if (parsed) setCommand(parsed);
    return Boolean(parsed);
  };
  const leave = () => {
    back.current = true;
    setCommand(null);
  };
  const add = (list) => {
    const given = [...list];
    if (!given.length) return;
    const large = given.find((file) => file.size > uploadLimit(channel));
    if (large) chat.toast(`${large.name} is ${sizeText(large.size)}; files here may have ${sizeText(uploadLimit(channel))}.`);
    else if (command) giveFile.current?.(given[0]);
    else setFiles((before) => [...before, ...given].slice(0, MOST_FILES));
  };
  const drop = (event) => {
    event.preventDefault();
    setDragging(false);
    add(event.dataTransfer.files);
  };
  const over = (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setDragging(true);
  };
  const paste = (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    add(event.clipboardData.files);
  };
  const send = async (text) => {
    setDraft("");
    setFiles([]);
    const stored = await chat.try(() => Promise.all(files.map((file) => upload(channel.id, file))));
    const said = stored && (await chat.say(text, stored.map((file) => file.id)));
    if (said) return;
    setDraft(text); // what could not be sent is not lost
    setFiles(files);
  };

  if (!may(channel, isThread(channel) ? SEND_MESSAGES_IN_THREADS : SEND_MESSAGES)) {
    return html`<p class="composer silent">You may not write here.</p>`;
  }
  return html`<div class=${dragging ? "composer dragging" : "composer"} onDragOver=${over}
    onDragLeave=${() => setDragging(false)} onDrop=${drop} onPaste=${paste}>
    ${state.replyTo && html`<${Replying} state=${state} />`}
    ${!command && files.length > 0 && html`<${Files} files=${files}
      onRemove=${(file) => setFiles(files.filter((one) => one !== file))} />`}
    ${command
      ? html`<${CommandLine} key=${command.command.path} ...${command} state=${state} channel=${channel}
        giveFile=${giveFile} onClose=${leave} />`
      : html`<${PlainLine} state=${state}
        title=${(channel.type === DM ? "@" : "#") + channelTitle(state.town, channel)} commands=${commands}
        back=${back.current} draft=${draft} onDraft=${setDraft}
          hasFiles=${files.length > 0} onFiles=${add} onCommand=${begin} onSend=${send} />`}
  </div>`;
}

function Replying({ state }) {
  const chat = useChat();
  return html`<div class="replying">
    <span>Replying to <strong>${userName(state.town, state.replyTo.author.id)}</strong></span>
    <button class="plain" aria-label="Do not reply" onClick=${() => chat.replyTo(null)}><${Icon} name="close"
      size=${16} /></button>
  </div>`;
}

function Files({ files, onRemove }) {
  return html`<ul class="to-send" aria-label="Files to send">${files.map((file) => html`
    <li key=${file.name + file.lastModified}><${Icon} name="file" />
      <span>${file.name}<small>${sizeText(file.size)}</small></span>
      <button class="plain" aria-label=${`Remove ${file.name}`} onClick=${() => onRemove(file)}>
        <${Icon} name="close" size=${16} /></button></li>`)}
  </ul>`;
}
