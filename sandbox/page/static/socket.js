/** The stream of everything that one member sees; it comes back by itself after a loss. */

const RETRY_MS = [250, 500, 1000, 2000, 4000];

/** Listen as `member`; `onStranger` says that nobody is called that. Returns a function that ends it. */
export function listen(member, { onEvents, onLink, onStranger }) {
  let socket;
  let ended = false;
  let losses = 0;
  let timer;

  function connect() {
    onLink("connecting");
    const path = `/local/stream?member=${encodeURIComponent(member)}`;
    let opened = false;
    socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}${path}`);
    socket.onopen = () => {
      losses = 0;
      opened = true;
      onLink("live");
    };
    socket.onmessage = (frame) => onEvents(JSON.parse(frame.data));
    socket.onclose = () => {
      if (ended) return;
      onLink("lost");
      if (!opened) ask(path);
      timer = setTimeout(connect, RETRY_MS[Math.min(losses, RETRY_MS.length - 1)]);
      losses += 1;
    };
  }

  /** A WebSocket does not say why it could not open; a plain request does. */
  async function ask(path) {
    const answer = await fetch(path).catch(() => null);
    if (answer?.status === 404 && !ended) onStranger();
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket.close();
  };
}
