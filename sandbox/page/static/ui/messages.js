/** The messages of a channel: they keep their place while one reads, and stay at the newest otherwise. */

import { html, Component } from "../vendor/htm-preact.js";
import { ChatContext } from "../context.js";
import { newer } from "../ids.js";
import { channelTitle, DM } from "../places.js";
import { day } from "../times.js";
import { Message } from "./message.js";
import { Waiting } from "./waiting.js";

const SOUGHT_MS = 2000; // how long a message one went to is marked
const NEAR_PX = 120; // this close to an end counts as there
const TALK = new Set([0, 19, 20, 23]); // types of messages that are not Discord's own notices
const TOGETHER_MS = 7 * 60_000; // one author's messages within this time share a head

export class Messages extends Component {
  static contextType = ChatContext;

  componentDidMount() {
    this.atNewest = true;
    this.top = 0;
    this.unreadFrom = this.props.state.reads[this.props.channel.id];
    this.observer = new ResizeObserver(() => this.follow());
    this.observer.observe(this.list);
    this.observer.observe(this.box);
  }

  componentWillUnmount() {
    this.observer.disconnect();
  }

  /** Remember where a message stands that is in view, to put it back after drawing. */
  getSnapshotBeforeUpdate() {
    const top = this.box.getBoundingClientRect().top;
    for (const element of this.list.children) {
      const box = element.getBoundingClientRect();
      if (element.id && box.bottom > top) return { id: element.id, top: box.top };
    }
    return null;
  }

  componentDidUpdate(before, _, held) {
    const { log } = this;
    const past = before.state.logs[before.channel.id];
    if (log !== past && log && past && log.messages[0]?.id !== past.messages[0]?.id && !this.atNewest) this.hold(held);
    if (before.state.sent !== this.props.state.sent) this.newest();
    this.follow();
    if (this.sought && log !== past) this.showSought();
  }

  hold(held) {
    const element = held && document.getElementById(held.id);
    if (element) this.box.scrollTop += element.getBoundingClientRect().top - held.top;
  }

  follow() {
    if (this.atNewest && this.log && !this.log.newer) this.box.scrollTop = this.box.scrollHeight;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    // Only moving up leaves the newest: below, it may just be a picture that has loaded.
    const atNewest = !this.log?.newer && (isNear || (this.atNewest && scrollTop >= this.top));
    this.top = scrollTop;
    if (atNewest !== this.atNewest) {
      this.atNewest = atNewest;
      this.forceUpdate();
    }
    if (scrollTop < NEAR_PX * 3) this.context.reading.loadOlder();
    if (isNear) this.context.reading.loadNewer();
    else this.follow();
  }

  /** Show one message, loading what is around it where it is not there. */
  async seek(id) {
    this.atNewest = false;
    this.sought = id;
    if (document.getElementById(`message-${id}`)) this.showSought();
    else await this.context.reading.load(this.props.channel.id, id);
  }

  showSought() {
    const element = document.getElementById(`message-${this.sought}`);
    this.sought = null;
    element?.scrollIntoView({ block: "center" });
    element?.classList.add("sought");
    setTimeout(() => element?.classList.remove("sought"), SOUGHT_MS);
  }

  async newest() {
    if (this.log?.newer) await this.context.reading.load(this.props.channel.id);
    this.atNewest = true;
    this.follow();
    this.forceUpdate();
  }

  get log() {
    return this.props.state.logs[this.props.channel.id];
  }

  render({ state, channel }) {
    const { log } = this;
    const away = log && (!this.atNewest || log.newer);
    return html`
      <div class="messages" ref=${(box) => (this.box = box)} tabindex="0"
        aria-label=${`Messages in ${channelTitle(state.town, channel)}`}
        onScroll=${() => this.scrolled()}>
        <div class="log" role="log" aria-live="polite" aria-relevant="additions"
          ref=${(list) => (this.list = list)}>
          ${log && !log.older && html`<${Beginning} state=${state} channel=${channel} />`}
          ${log && this.rows(log.messages)}
          <${Waiting} waiting=${state.waiting} channel=${channel} state=${state} />
        </div>
      </div>
      ${away && html`<button class="jump" onClick=${() => this.newest()}>Jump to the newest ↓</button>`}`;
  }

  rows(messages) {
    const { state } = this.props;
    const rows = [];
    messages.forEach((message, index) => {
      const before = messages[index - 1];
      const newDay = !before || new Date(before.timestamp).toDateString() !== new Date(message.timestamp).toDateString();
      if (newDay) rows.push(html`<div class="divider" key=${`day ${message.id}`} role="separator">
        <span>${day(message.timestamp)}</span></div>`);
      else if (this.startsUnread(before, message)) rows.push(html`<div class="divider new" key="new"
      role="separator"><span>New</span></div>`);
      rows.push(html`<${Message} key=${message.id} message=${message} town=${state.town}
        compact=${!newDay && continues(before, message)} waiting=${waitingOn(state.waiting, message)}
        seek=${this.seekBound} />`);
    });
    return rows;
  }

  seekBound = (id) => this.seek(id);

  startsUnread(before, message) {
    const read = this.unreadFrom;
    return read && !newer(before.id, read) && newer(message.id, read) && message.author.id !== this.props.state.town.me;
  }
}

function continues(before, message) {
  return before.author.id === message.author.id && TALK.has(before.type) && !message.used && !message.answers && !message.ephemeral && !before.ephemeral
    && new Date(message.timestamp) - new Date(before.timestamp) < TOGETHER_MS;
}

/** What was pressed on a message and has no answer yet, as text so that drawing can compare it. */
function waitingOn(waiting, message) {
  const found = waiting.find((one) => one.messageId === message.id);
  return found ? `${found.state} ${found.customId}` : "";
}

function Beginning({ state, channel }) {
  const title = channelTitle(state.town, channel);
  const text = channel.type === DM ? `Your messages with ${title}.` : `This is the beginning of #${title}. Type / to see what the bot can do.`;
  return html`<div class="beginning"><h2>${channel.type === DM ? title : `#${title}`}</h2><p>${text}</p>
    </div>`;
}
