/** What the member asked of the bot: waiting for an answer, and what becomes of it. */

import { act } from "./api.js";

/** Discord gives a bot three seconds; a little more lets the news arrive. */
const ANSWER_WITHIN_MS = 3200;
const REMEMBERED = 50;

export const MODAL = 9;

export class Questions {
  constructor(chat) {
    this.chat = chat;
    this.forget();
  }

  forget() {
    this.answers = new Map(); // interaction id: its answer, which may arrive before we know the id
    this.expecting = new Map(); // interaction id: whom to tell
  }

  /** The server says that the bot has answered. */
  answered(interaction) {
    this.answers.set(interaction.id, interaction);
    if (this.answers.size > REMEMBERED) this.answers.delete(this.answers.keys().next().value);
    this.expecting.get(interaction.id)?.(interaction);
  }

  /** The bot's answer to an interaction, or null when it stays silent. */
  answerTo(id) {
    if (this.answers.has(id)) return Promise.resolve(this.answers.get(id));
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(null), ANSWER_WITHIN_MS);
      const done = (answer) => {
        clearTimeout(timer);
        this.expecting.delete(id);
        resolve(answer);
      };
      this.expecting.set(id, done);
    });
  }

  /** Autocomplete's choices; none when the bot stays silent. */
  async choices(command, option, typed, options) {
    const { member, channelId } = this.chat.state;
    const asked = await act("slash", {
      member, channel: channelId, command, focused: option, options: { ...options, [option]: typed },
    });
    return (await this.answerTo(asked.id))?.choices ?? null;
  }

  slash(command, options) {
    const { channelId } = this.chat.state;
    this.chat.store.set((state) => ({ sent: state.sent + 1 }));
    return this.ask("slash", { channel: channelId, command, options }, { channelId, command: `/${command}` });
  }

  userCommand(command, userId) {
    const { channelId } = this.chat.state;
    return this.ask("user_command", { channel: channelId, command, target: userId }, { channelId, command });
  }

  messageCommand(command, message) {
    return this.ask("message_command", { command, message: message.id }, { channelId: message.channel_id, command });
  }

  press(message, customId) {
    return this.ask("press", { message: message.id, button: customId }, { messageId: message.id, customId });
  }

  select(message, customId, values) {
    return this.ask("select", { message: message.id, menu: customId, values }, { messageId: message.id, customId });
  }

  /** Send a modal; it closes when the bot takes it, and says so when it does not. */
  async submit(interaction, values) {
    const sent = await act("submit", { member: this.chat.state.member, interaction: interaction.id, values });
    return Boolean(await this.answerTo(sent.id));
  }

  /** Ask, and show that we wait; `about` says where. A modal that comes back opens. */
  async ask(name, body, about) {
    const key = crypto.randomUUID();
    this.settle((waiting) => [...waiting.filter((one) => !sameMessage(one, about)), { key, state: "sending", ...about }]);
    const sent = await this.chat.act(name, body);
    const answer = sent && (await this.answerTo(sent.id));
    if (sent && !answer) {
      this.settle((waiting) => waiting.map((one) => (one.key === key ? { ...one, state: "failed" } : one)));
      return;
    }
    this.dismiss(key);
    if (answer?.answer_kind === MODAL) this.chat.show({ kind: "modal", interaction: answer });
  }

  dismiss(key) {
    this.settle((waiting) => waiting.filter((one) => one.key !== key));
  }

  settle(change) {
    this.chat.store.set((state) => ({ waiting: change(state.waiting) }));
  }
}

/** A new press takes away what the last one on the same message left. */
function sameMessage(one, about) {
  return about.messageId && one.messageId === about.messageId && one.state === "failed";
}
