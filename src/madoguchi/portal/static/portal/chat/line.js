// The line to the desk: what the browser keeps, what it asks, and how it hears that there is news.
const SOON = 1000;
const LATE = 30000;
const POLL = 8000;
const STILL = 60000;
// A place in the queue changes without news of one's own.
const WAITS = 15000;

// A pass that is not known (any more), unlike a chat that is not there at the moment.
export const isUnknown = (told) => told.status === 404 && told.field === "pass";

// crypto.randomUUID is for secure pages alone.
const newSecret = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function inParts(asked, files) {
  const parts = new FormData();
  parts.append("asked", asked);
  for (const file of files) parts.append("files", file, file.name);
  return parts;
}

export class Line {
  constructor({ base, at, language }) {
    Object.assign(this, { base, at, language, last: 0, socket: null, pause: SOON, retry: 0, timer: 0, looking: null });
    this.key = `madoguchi-chat:${at}`;
    this.kept = this.read();
  }

  // What survives a reload: the pass (before there is one, the secret it is made of), words that have not left yet, and
  // whether who wrote them may still say who they are.
  read() {
    try {
      return { pass: "", secret: "", unsent: [], nameless: false, ...JSON.parse(localStorage.getItem(this.key) ?? "{}") };
    } catch {
      return { pass: "", secret: "", unsent: [], nameless: false };
    }
  }

  keep(changes) {
    Object.assign(this.kept, changes);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch (problem) {
      console.warn(problem); // a browser that keeps nothing still talks until the page is left
    }
  }

  get begun() {
    return this.kept.pass !== "";
  }

  async about() {
    const answer = await fetch(`${this.base}/chat/${this.at}/about/?language=${this.language}`, { credentials: "omit" });
    return answer.ok ? answer.json() : null;
  }

  // Without a header of our own a browser asks no leave first: one round trip instead of two.
  async ask(path, body, files = []) {
    if (!this.begun && !this.kept.secret) this.keep({ secret: newSecret() });
    const asked = JSON.stringify({ ...body, secret: this.kept.secret, pass: this.kept.pass, after: this.last, language: this.language });
    const answer = await fetch(`${this.base}/chat/${this.at}/${path}/`, { method: "POST", body: files.length ? inParts(asked, files) : asked, credentials: "omit" });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok && told.pass !== this.kept.pass) this.keep({ pass: told.pass, secret: "" });
    return { ...told, status: answer.status };
  }

  // Asks at most once at a time; who calls meanwhile is served by one more round.
  async look() {
    if (this.looking) {
      this.again = true;
      return;
    }
    this.again = false;
    this.looking = this.ask("talk", { seen: this.seen() });
    try {
      const told = await this.looking;
      if (isUnknown(told)) this.forget();
      else if (told.said) this.hear(told);
      this.onLine?.(told.status < 500 && told.status !== 404);
    } catch {
      this.onLine?.(false);
    }
    this.looking = null;
    if (this.again) await this.look();
  }

  // What came is named in a further question, for an answer counts as taken only once this page says that it has it.
  hear(told) {
    this.waits = Boolean(told.waits);
    const news = told.said.some((one) => one.ours && one.id > this.last);
    this.last = told.said.reduce((last, one) => Math.max(last, one.id), this.last);
    this.onTold?.(told);
    if (news) this.look();
  }

  // A pass that is not known any more: the next word begins anew.
  forget() {
    this.keep({ pass: "", secret: "" });
    this.last = 0;
    this.hangUp();
  }

  listen() {
    if (!this.begun || this.socket) return;
    const socket = new WebSocket(`${this.base.replace(/^http/, "ws")}/live/chat`);
    this.socket = socket;
    socket.onopen = () => socket.send(this.kept.pass);
    socket.onmessage = (event) => {
      this.pause = SOON;
      this.rest(this.waits ? WAITS : STILL);
      if (JSON.parse(event.data).kind === "news") this.look();
    };
    socket.onclose = () => {
      this.socket = null;
      this.pause = Math.min(this.pause * 2, LATE);
      this.retry = Date.now() + this.pause;
      this.rest(POLL);
    };
    this.rest(POLL);
  }

  // Whether there is a socket or none, it asks now and then; one that broke is not tried again at once.
  rest(after) {
    clearTimeout(this.timer);
    if (!this.begun) return;
    this.timer = setTimeout(() => {
      this.look();
      if (Date.now() >= this.retry) this.listen();
      this.rest(this.socket?.readyState !== WebSocket.OPEN ? POLL : this.waits ? WAITS : STILL);
    }, after);
  }

  hangUp() {
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
