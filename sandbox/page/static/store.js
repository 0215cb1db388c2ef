/** The page's whole state, and the one way to change it. */

export function createStore(initial) {
  let state = initial;
  let told = true;
  const listeners = new Set();

  function tell() {
    told = true;
    for (const listener of listeners) listener(state);
  }

  return {
    get: () => state,
    /** Merge a patch, or what a function makes of the state; listeners hear of many changes at once. */
    set(change) {
      const patch = typeof change === "function" ? change(state) : change;
      if (!patch) return;
      state = { ...state, ...patch };
      if (told) {
        told = false;
        queueMicrotask(tell);
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const initialState = {
  member: "", // the name of the member who looks
  link: "connecting", // to the server: connecting, live or lost
  town: null, // servers, channels and people as this member sees them
  channelId: null,
  logs: {}, // channel id: {messages, older, newer}
  lasts: {}, // channel id: the newest message there
  reads: {}, // channel id: the newest message read
  mentions: {}, // channel id: how many unread messages are for this member
  waiting: [], // what was asked of the bot and is not answered yet
  overlay: null, // what lies over the chat: {kind, ...}
  drawer: null, // on narrow screens: "places", "people" or null
  sent: 0, // how often this member has written here: their own words are shown
  replyTo: null, // the message being replied to
  peopleShown: true,
  faultsShown: false,
  toasts: [],
};
