/** The stream of everything that one member sees; it comes back by itself after a loss. */

const RETRY_MS = [250, 500, 1000, 2000, 4000];

/** Listen as `member`. Returns a function that ends it. */
export function listen(member, { onEvents, onLink }) {
  let socket;
  let ended = false;
  let losses = 0;
  let timer;

  function connect() {
    onLink("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/local/stream?member=${encodeURIComponent(member)}`);
    socket.onopen = () => {
      losses = 0;
      onLink("live");
    };
    socket.onmessage = (frame) => onEvents(JSON.parse(frame.data));
    socket.onclose = () => {
      if (ended) return;
      onLink("lost");
      timer = setTimeout(connect, RETRY_MS[Math.min(losses, RETRY_MS.length - 1)]);
      losses += 1;
    };
  }

  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    socket.close();
  };
}
