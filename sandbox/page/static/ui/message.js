/** One message. It is drawn again only when something about it has changed. */

import { html, Component } from "../vendor/htm-preact.js";
import { ChatContext, useChat } from "../context.js";
import { localPath } from "../files.js";
import { plain } from "../markdown.js";
import { userName } from "../places.js";
import { clock, full, moment } from "../times.js";
import { Attachments } from "./attachments.js";
import { Avatar } from "./avatar.js";
import { Components } from "./components.js";
import { Embed } from "./embed.js";
import { Icon } from "./icons.js";
import { Reactions } from "./reactions.js";
import { Text } from "./text.js";
import { Dots } from "./waiting.js";

const LONG_PRESS_MS = 500;
const TOKEN_LIFE_MS = 15 * 60_000;
export const COMPONENTS_V2 = 1 << 15;

export class Message extends Component {
  static contextType = ChatContext;

  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  menu = (event) => {
    if (event.target.closest("a, input, textarea")) return;
    event.preventDefault();
    this.context.show({ kind: "message", message: this.props.message, point: { x: event.clientX, y: event.clientY } });
  };

  touch = (event) => {
    const [{ clientX: x, clientY: y }] = event.touches;
    this.pressing = setTimeout(() => this.context.show({ kind: "message", message: this.props.message, point: { x, y } }), LONG_PRESS_MS);
  };

  release = () => clearTimeout(this.pressing);

  render({ message, town, compact, waiting, seek }) {
    if (NOTICES[message.type]) return html`<${Notice} message=${message} seek=${seek} />`;
    const forMe = !message.ephemeral && (message.mention_everyone || message.mentions.some((user) => user.id === town.me));
    const classes = ["message", compact ? "compact" : "head", message.ephemeral && "ephemeral", forMe && "for-me"].filter(Boolean).join(" ");
    return html`<article id=${`message-${message.id}`} class=${classes} aria-label=${summary(message, town)}
      onContextMenu=${this.menu}
      onTouchStart=${this.touch} onTouchEnd=${this.release} onTouchMove=${this.release}
      onTouchCancel=${this.release}>
      <${Origin} message=${message} town=${town} seek=${seek} />
      ${compact
        ? html`<time class="aside-time" datetime=${message.timestamp}>${clock(message.timestamp)}</time>`
        : html`<${Face} author=${message.author} />`}
      <div class="body">
        ${!compact && html`<${Byline} message=${message} />`}
        <${Content} message=${message} waiting=${waiting} />
      </div>
      <${Tools} message=${message} />
    </article>`;
  }
}

/** What Discord itself says, by the message's type. */
const NOTICES = { 6: "pinned a message", 18: "began a thread", 21: "began this thread at a message" };

function Notice({ message, seek }) {
  const chat = useChat();
  const { message_id: target, channel_id: where } = message.message_reference ?? {};
  const show = () => (where === message.channel_id ? seek(target) : chat.open(where));
  return html`<p id=${`message-${message.id}`} class="system">
    <strong>${message.author.username}</strong> <span>${NOTICES[message.type]}.</span>
    ${target && html`<button class="link" onClick=${show}>See it</button>`}
    <time>${moment(message.timestamp)}</time>
  </p>`;
}

function Face({ author }) {
  const chat = useChat();
  const show = (event) => chat.show({ kind: "person", userId: author.id, anchor: event.currentTarget });
  return html`<button class="face" tabindex="-1" aria-label=${author.username} onClick=${show}>
    <${Avatar} name=${author.username} bot=${author.bot} /></button>`;
}

function Byline({ message }) {
  return html`<div class="by">
    <strong class=${message.author.bot ? "bot" : ""}>${message.author.username}</strong>
    ${message.author.bot && html`<span class="tag">APP</span>`}
    <time datetime=${message.timestamp} title=${full(message.timestamp)}>${moment(message.timestamp)}</time>
  </div>`;
}

/** Above a message: the command that asked for it, or what it replies to. */
function Origin({ message, town, seek }) {
  const { used, answers } = message;
  if (answers) {
    const text = answers.content === null ? "A message that is gone" : plain(answers.content, (id) => userName(town, id));
    return html`<button class="used reply" onClick=${() => seek(answers.id)}>
      ${answers.author_id && html`<strong>@${userName(town, answers.author_id)}</strong>`} <span>${text}</span></button>`;
  }
  if (!used?.command) return null;
  const name = used.command_type === 1 ? `/${used.command}` : used.command;
  return html`<div class="used"><strong>${userName(town, used.user_id)}</strong> used <span
    class="mention">${name}</span></div>`;
}

function Content({ message, waiting }) {
  const chat = useChat();
  if (message.loading) return html`<${Thinking} message=${message} />`;
  const [state, customId] = waiting.split(/ (.*)/s);
  const v2 = Boolean(message.flags & COMPONENTS_V2);
  return html`
    ${message.content && html`<${Text} text=${message.content} />`}
    ${message.edited_timestamp && !message.author.bot && html`<span class="edited">(edited)</span>`}
    ${message.embeds.map((embed, index) => html`<${Embed} key=${index} embed=${embed} />`)}
    ${!v2 && html`<${Attachments} files=${shownAlone(message)} />`}
    <${Components} message=${message} pressed=${state === "sending" ? customId : null} />
    ${state === "failed" && html`<p class="failed" role="alert">This interaction failed</p>`}
    <${Reactions} message=${message} />
    ${message.thread && html`<${ThreadLink} thread=${message.thread} />`}
    ${message.ephemeral && html`<p class="only-you"><${Icon} name="eye" size=${14} /> Only you can see this ·
      <button class="link" onClick=${() => chat.act("delete", { message: message.id })}>Dismiss message</button></p>`}`;
}

function ThreadLink({ thread }) {
  const chat = useChat();
  const count = thread.message_count;
  return html`<button class="thread-link" onClick=${() => chat.open(thread.id)}>
    <${Icon} name="thread" size=${16} /> <strong>${thread.name}</strong> <span
      class="link">${count} ${count === 1 ? "message" : "messages"} ›</span></button>`;
}

/** The files that no embed shows. */
function shownAlone({ attachments, embeds }) {
  const inEmbeds = new Set(embeds.flatMap(({ image, thumbnail }) => [image, thumbnail]).filter(Boolean).map((one) => pathOf(one.url)));
  return attachments.filter((file) => !inEmbeds.has(pathOf(file.url)));
}

/** Without the signature, which differs each time. */
const pathOf = (address) => localPath(address).split("?")[0];

function Thinking({ message }) {
  const expired = Date.now() - new Date(message.timestamp) > TOKEN_LIFE_MS;
  if (expired) return html`<p class="failed">The application did not respond</p>`;
  return html`<p class="thinking"><${Dots} />${message.author.username} is thinking…</p>
    ${message.ephemeral && html`<p class="only-you">Only you can see this</p>`}`;
}

function Tools({ message }) {
  const chat = useChat();
  const show = (kind) => (event) => chat.show({ kind, message, anchor: event.currentTarget });
  return html`<div class="tools" role="group" aria-label="Message actions">
    ${!message.ephemeral && html`
      <button aria-label="Add a reaction" title="Add a reaction" onClick=${show("emoji")}>
        <${Icon} name="smile" /></button>
      <button aria-label="Reply" title="Reply" onClick=${() => chat.replyTo(message)}><${Icon} name="reply" />
        </button>`}
    <button aria-label="More" title="More" aria-haspopup="menu" onClick=${show("message")}>
      <${Icon} name="dots" /></button>
  </div>`;
}

function summary(message, town) {
  const what = message.loading ? "is thinking" : plain(message.content, (id) => userName(town, id)).slice(0, 200) || "a message";
  return `${message.author.username}, ${clock(message.timestamp)}: ${what}`;
}
