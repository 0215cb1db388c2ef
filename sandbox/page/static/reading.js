/** The messages of the open channel: loaded page by page, and marked as read while one looks. */

import { act } from "./api.js";
import { newer } from "./ids.js";
import { logOf, withNewer, withOlder } from "./log.js";
import { saveReads } from "./reads.js";

export class Reading {
  constructor(chat) {
    this.chat = chat;
    this.loading = new Set();
  }

  async load(channelId, around = undefined) {
    const page = await this.page(channelId, { around });
    if (!page) return;
    this.chat.store.set((state) => ({ logs: { ...state.logs, [channelId]: logOf(page, state.logs[channelId]) } }));
    this.markRead();
  }

  async loadOlder() {
    const { channelId, logs } = this.chat.state;
    const log = logs[channelId];
    if (log?.older) await this.extend(channelId, { before: log.messages[0].id }, withOlder);
  }

  async loadNewer() {
    const { channelId, logs } = this.chat.state;
    const log = logs[channelId];
    if (log?.newer) await this.extend(channelId, { after: log.messages.at(-1).id }, withNewer);
  }

  /** Add a page to a channel's log, unless one is on its way. */
  async extend(channelId, where, join) {
    if (this.loading.has(channelId)) return;
    this.loading.add(channelId);
    try {
      const page = await this.page(channelId, where);
      const log = this.chat.state.logs[channelId];
      if (page && log) this.chat.store.set({ logs: { ...this.chat.state.logs, [channelId]: join(log, page) } });
    } finally {
      this.loading.delete(channelId);
    }
  }

  async page(channelId, where) {
    const { member } = this.chat.state;
    const page = await this.chat.try(() => act("history", { member, channel: channelId, ...where }));
    return member === this.chat.state.member ? page : null;
  }

  markRead() {
    const { channelId, logs, reads, member } = this.chat.state;
    const last = logs[channelId]?.messages.at(-1)?.id;
    if (document.hidden || !newer(last, reads[channelId])) return;
    const updated = { ...reads, [channelId]: last };
    this.chat.store.set((state) => ({ reads: updated, mentions: { ...state.mentions, [channelId]: 0 } }));
    saveReads(member, updated);
  }
}
