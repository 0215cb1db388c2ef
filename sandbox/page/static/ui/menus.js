/** What one can do with a message or a person, the bot's own commands included. */

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { useChat } from "../context.js";
import { ADD_REACTIONS, CREATE_PUBLIC_THREADS, DM, findChannel, isThread, MANAGE_MESSAGES, may, userName } from "../places.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";

const USER_COMMAND = 2;
const MESSAGE_COMMAND = 3;
const icon = (name) => html`<${Icon} name=${name} size=${18} />`;

export function MessageMenu({ message, state, anchor, point, onClose }) {
  const chat = useChat();
  const [apps, setApps] = useState(false);
  const commands = useCommands(state.channelId, MESSAGE_COMMAND);
  const channel = findChannel(state.town, state.channelId);
  if (apps) {
    const items = commands.map((command) => ({ label: command.name, act: () => chat.bot.messageCommand(command.name, message) }));
    return html`<${Menu} key="apps" label="Apps" items=${items} anchor=${anchor} point=${point}
      onClose=${onClose} />`;
  }
  const own = message.author.id === state.town.me;
  const items = [
    may(channel, ADD_REACTIONS) && !message.ephemeral && {
      label: "Add reaction", icon: icon("smile"), keep: true, act: () => chat.show({ kind: "emoji", message, anchor, point }),
    },
    !message.ephemeral && { label: "Reply", icon: icon("reply"), act: () => chat.replyTo(message) },
    message.thread && { label: "Open thread", icon: icon("thread"), act: () => chat.open(message.thread.id) },
    canBeginThread(message, channel) && { label: "Create thread", icon: icon("thread"), act: () => chat.beginThread(message) },
    message.content && { label: "Copy text", icon: icon("file"), act: () => copy(chat, message.content) },
    commands.length > 0 && !message.ephemeral && { label: "Apps", icon: icon("plus"), detail: "›", keep: true, act: () => setApps(true) },
    message.ephemeral && { label: "Dismiss message", icon: icon("close"), act: () => chat.act("delete", { message: message.id }) },
    !message.ephemeral && (own || may(channel, MANAGE_MESSAGES)) && {
      label: "Delete message", icon: icon("trash"), danger: true, act: () => chat.act("delete", { message: message.id }),
    },
  ].filter(Boolean);
  return html`<${Menu} key="message" label="Message" items=${items} anchor=${anchor} point=${point}
    onClose=${onClose} />`;
}

export function PersonMenu({ userId, state, anchor, point, onClose }) {
  const chat = useChat();
  const [apps, setApps] = useState(false);
  const commands = useCommands(state.channelId, USER_COMMAND);
  if (apps) {
    const items = commands.map((command) => ({ label: command.name, act: () => chat.bot.userCommand(command.name, userId) }));
    return html`<${Menu} key="apps" label="Apps" items=${items} anchor=${anchor} point=${point}
      onClose=${onClose} />`;
  }
  const items = [
    userId !== state.town.me && { label: "Message", icon: icon("at"), act: () => chat.openDm(userId) },
    { label: `Mention ${userName(state.town, userId)}`, icon: icon("people"), act: () => chat.insert(`<@${userId}> `) },
    commands.length > 0 && { label: "Apps", icon: icon("plus"), detail: "›", keep: true, act: () => setApps(true) },
  ].filter(Boolean);
  return html`<${Menu} key="person" label=${userName(state.town, userId)} items=${items} anchor=${anchor}
    point=${point} onClose=${onClose} />`;
}

const canBeginThread = (message, channel) =>
  !message.thread && !message.ephemeral && channel.type !== DM && !isThread(channel) && may(channel, CREATE_PUBLIC_THREADS);

function useCommands(channelId, kind) {
  const chat = useChat();
  const [commands, setCommands] = useState([]);
  useEffect(() => {
    chat.commands(channelId).then((all) => setCommands(all.filter((command) => command.type === kind)));
  }, [channelId]);
  return commands;
}

async function copy(chat, text) {
  try {
    await navigator.clipboard.writeText(text);
    chat.toast("Copied.");
  } catch {
    chat.toast("The browser did not let the page copy.");
  }
}
