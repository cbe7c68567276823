// What happens elsewhere, as it happens: one WebSocket per page, Server-Sent Events where sockets do not pass.
// Each message is JSON with an id; after a break the next connection asks for everything after the last one seen.
// Every message becomes a "live" event on the document; :root[data-live] says on, connecting or off.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30000;
const GIVE_UP_SOCKET = 2;

export class Live {
  constructor({ url, sseUrl = "", after = "" }) {
    Object.assign(this, { url, sseUrl, after, failures: 0, neverOpened: 0, connection: null, timer: 0 });
  }

  address(path, scheme = location.protocol) {
    const address = new URL(path, location.href);
    address.protocol = scheme;
    if (this.after) address.searchParams.set("after", this.after);
    return address;
  }

  connect() {
    clearTimeout(this.timer);
    this.close();
    this.state("connecting");
    const useSse = this.sseUrl && (!("WebSocket" in window) || this.neverOpened >= GIVE_UP_SOCKET);
    this.connection = useSse ? this.events() : this.socket();
  }

  socket() {
    const socket = new WebSocket(this.address(this.url, location.protocol === "https:" ? "wss:" : "ws:"));
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.opened();
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => {
      if (this.connection !== socket) return;
      if (!opened) this.neverOpened += 1;
      this.broken();
    };
    return socket;
  }

  events() {
    const source = new EventSource(this.address(this.sseUrl));
    source.onopen = () => this.opened();
    source.onmessage = (event) => this.receive(event.data, event.lastEventId);
    // The browser's own retry would repeat the first ?after=; ours asks from where we are.
    source.onerror = () => this.connection === source && this.broken();
    return source;
  }

  opened() {
    this.failures = 0;
    this.neverOpened = 0;
    this.state("on");
  }

  broken() {
    this.close();
    this.state("off");
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures);
    this.failures += 1;
    // Full jitter: a thousand consoles must not come back in the same second.
    this.timer = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  receive(text, id = "") {
    const detail = JSON.parse(text);
    this.after = detail.id ?? (id || this.after);
    if (detail.kind) document.dispatchEvent(new CustomEvent("live", { detail }));
  }

  close() {
    const connection = this.connection;
    this.connection = null;
    connection?.close();
  }

  state(name) {
    document.documentElement.dataset.live = name;
  }

  // Browsers allow six event streams to one server over HTTP/1.1: a page that nobody sees gives its own back.
  pause() {
    if (!("EventSource" in window) || !(this.connection instanceof EventSource)) return;
    this.close();
  }

  resume() {
    if (this.connection === null) this.connect();
  }
}

const place = document.querySelector("[data-live-url]");
if (place) {
  const { liveUrl: url, liveSseUrl: sseUrl, liveAfter: after } = place.dataset;
  const live = new Live({ url, sseUrl, after });
  live.connect();
  document.addEventListener("visibilitychange", () => (document.hidden ? live.pause() : live.resume()));
  window.addEventListener("online", () => live.connect());
  window.addEventListener("pagehide", () => live.close());
  window.addEventListener("pageshow", (event) => event.persisted && live.connect());
}
