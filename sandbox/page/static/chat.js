/** What the page does: every change of the state that a member or the server causes starts here. */

import { act } from "./api.js";
import { readAddress, writeAddress } from "./address.js";
import { takeEvent } from "./events.js";
import { Questions } from "./questions.js";
import { plain } from "./markdown.js";
import { channelFrom, findChannel, withMentions } from "./places.js";
import { Reading } from "./reading.js";
import { loadReads } from "./reads.js";
import { listen } from "./socket.js";

const TOAST_MS = 6000;

export class Chat {
  constructor(store) {
    this.store = store;
    this.bot = new Questions(this);
    this.reading = new Reading(this);
    this.commandsOf = new Map(); // channel id: the commands offered, until something changes
    this.drafts = new Map(); // channel id: what was typed there and not sent
  }

  get state() {
    return this.store.get();
  }

  // Who looks at what

  /** Begin, or follow the address after Back. */
  followAddress() {
    const { member, channel } = readAddress();
    if (member !== this.state.member) this.become(member, channel);
    else if (this.state.town) this.open(channelFrom(this.state.town, channel)?.id);
  }

  /** Look as another member, at the same channel where they see it. */
  become(member, wanted = null) {
    this.stop?.();
    const seen = this.state.town && findChannel(this.state.town, this.state.channelId);
    this.wanted = wanted ?? (seen?.type === 0 ? seen.id : null);
    this.bot.forget();
    this.commandsOf.clear();
    this.drafts.clear();
    this.store.set({
      member, town: null, channelId: null, logs: {}, lasts: {}, mentions: {}, waiting: [], overlay: null, drawer: null,
      replyTo: null, reads: loadReads(member),
    });
    this.stop = listen(member, {
      onEvents: (events) => events.forEach((event) => this.take(event)),
      onLink: (link) => this.linked(link),
      onStranger: () => this.beSomeone(),
    });
  }

  /** The address names nobody: be the first member there is. */
  async beSomeone() {
    this.toast(`Nobody here is called ${this.state.member}.`);
    const { guilds } = await act("town");
    const people = guilds.flatMap((guild) => guild.members).filter((member) => !member.user.bot);
    if (people.length) this.become(people[0].user.username);
  }

  linked(link) {
    this.store.set({ link });
    if (link === "live") this.isBack = Boolean(this.state.channelId);
  }

  take(event) {
    if (event.t === "interaction") {
      this.bot.answered(event.d);
      return;
    }
    this.store.set((state) => takeEvent(state, event));
    if (event.t === "town") this.settle();
    if (event.t === "message" && event.d.channel_id === this.state.channelId) this.reading.markRead();
  }

  /** The town is new: stay where we are if that still exists. */
  settle() {
    this.commandsOf.clear();
    const { town, channelId } = this.state;
    const channel = findChannel(town, this.wanted ?? channelId) ?? channelFrom(town, this.wanted ?? readAddress().channel);
    this.wanted = null;
    if (channel && channel.id !== channelId) this.open(channel.id);
    else if (this.isBack) this.reading.load(channelId); // what happened while nobody listened is not sent again
    this.isBack = false;
  }

  open(channelId) {
    if (!channelId) return;
    this.store.set({ channelId, drawer: null, overlay: null, replyTo: null });
    writeAddress(this.state.member, findChannel(this.state.town, channelId));
    this.reading.load(channelId);
  }

  // Writing

  /** An act as the member who looks; refusals are shown, and the result is undefined then. */
  async act(name, body = {}) {
    return this.try(() => act(name, { member: this.state.member, ...body }));
  }

  async say(content, attachments) {
    const { channelId, replyTo, town } = this.state;
    this.store.set((state) => ({ replyTo: null, sent: state.sent + 1 }));
    return this.act("say", { channel: channelId, content: withMentions(town, content), attachments, reply_to: replyTo?.id });
  }

  async openDm(userId) {
    this.goTo(await this.act("open_dm", { with_member: userId }));
  }

  /** Begin a thread at a message, named by its first words, and go there. */
  async beginThread(message) {
    const name = plain(message.content).slice(0, 40) || "Thread";
    this.goTo(await this.act("add_thread", { message: message.id, name }));
  }

  /** Open a channel that was just made: now, or once the town with it has arrived. */
  goTo(channel) {
    if (!channel) return;
    if (findChannel(this.state.town, channel.id)) this.open(channel.id);
    else this.wanted = channel.id;
  }

  replyTo(message) {
    this.store.set({ replyTo: message });
  }

  /** Put text into what is being written. */
  insert(text) {
    this.onInsert?.(text);
  }

  react(message, emoji) {
    const mine = message.reactions?.find((one) => one.emoji.name === emoji)?.users.includes(this.state.town.me);
    return this.act("react", { message: message.id, emoji, remove: Boolean(mine) });
  }

  async commands(channelId) {
    if (!this.commandsOf.has(channelId)) {
      this.commandsOf.set(channelId, this.act("commands", { channel: channelId }));
    }
    return (await this.commandsOf.get(channelId)) ?? [];
  }

  // What lies over the chat

  show(overlay) {
    this.store.set({ overlay });
  }

  close() {
    this.store.set({ overlay: null });
  }

  toast(text) {
    const toast = { id: crypto.randomUUID(), text };
    this.store.set((state) => ({ toasts: [...state.toasts, toast] }));
    setTimeout(() => this.store.set((state) => ({ toasts: state.toasts.filter((one) => one !== toast) })), TOAST_MS);
  }

  async try(work) {
    try {
      return await work();
    } catch (error) {
      this.toast(error.message);
      return undefined;
    }
  }
}
