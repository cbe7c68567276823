// The phone in the browser: it rings, and its sound goes to the gateway by WebRTC. What is so is said by the server alone;
// this page shows it, and comes back to its call when it is loaded anew.
import { post } from "../look/http.js";

const HERE_EVERY = 15000;
const LOOK_EVERY = 5000;
const ANSWER_EVERY = 120;
const LONGEST_WAIT = 10000;
const MICROPHONE = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
const MUTED = "phone-muted";
const WORDS = "phone-words";

let peer = null;
let microphone = null;
let bell = null;

const panel = () => document.getElementById("phone");
const state = () => panel().dataset.state;
const call = () => panel().dataset.call;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function problem(name) {
  const place = document.getElementById("phone-problem");
  place.textContent = name ? panel().dataset[name] : "";
  place.hidden = !name;
}

// What is being typed is never touched while the phone is as it was.
function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("phone");
  if (!fresh) return;
  const typing = panel().contains(document.activeElement) && document.activeElement.matches("input, select");
  const same = fresh.dataset.state === state() && fresh.dataset.call === call();
  if (same && (typing || state() === "wrapping" || panel().querySelector("details[open]"))) {
    panel().dataset.connected = fresh.dataset.connected;
    return;
  }
  panel().replaceWith(fresh);
  follow();
}

async function look() {
  const answer = await fetch("/phone/panel/", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.ok && !answer.redirected) show(await answer.text());
}

// Words typed of a call are kept in this tab until they are sent.
function keepWords(form) {
  const fields = form.querySelectorAll("[name]:not([type=hidden])");
  const words = Object.fromEntries([...fields].map(({ name, value }) => [name, value]));
  sessionStorage.setItem(WORDS, JSON.stringify({ call: call(), words }));
}

function bringWordsBack() {
  const kept = JSON.parse(sessionStorage.getItem(WORDS) ?? "null");
  if (!kept) return;
  if (kept.call !== call()) sessionStorage.removeItem(WORDS);
  else
    panel()
      .querySelectorAll("form.fields [name]:not([type=hidden], button)")
      .forEach((field) => (field.value = kept.words[field.name] ?? field.value));
}

// Sound and bell follow the state.
function follow() {
  bringWordsBack();
  // A call on a telephone outside rings and is heard there.
  if (panel().dataset.outside === "yes") {
    silence();
    return hangUp();
  }
  // Who calls by hand has said so already, and need not answer.
  const mine = state() === "ringing" && panel().dataset.mine === "yes";
  if (state() === "ringing" && !mine) ring();
  else silence();
  if (mine && !peer) connect();
  if (state() === "talking") {
    if (!peer) connect();
    showMute();
  } else if (state() !== "ringing") hangUp();
}

function ring() {
  const answer = panel().querySelector("[data-phone-answer]");
  if (bell) {
    // Drawn anew while it rings, the button is no longer the one that was ready to be pressed.
    if (document.activeElement === document.body) answer?.focus();
    return;
  }
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 420 });
  const loud = new GainNode(context, { gain: 0 });
  tone.connect(loud).connect(context.destination);
  tone.start();
  const strike = () => loud.gain.setTargetAtTime(0.15, context.currentTime, 0.01) && loud.gain.setTargetAtTime(0, context.currentTime + 1, 0.02);
  strike();
  bell = { context, timer: setInterval(strike, 3000), title: document.title };
  document.title = `☎ ${panel().querySelector(".name")?.textContent ?? ""}`;
  answer?.focus();
}

function silence() {
  if (!bell) return;
  clearInterval(bell.timer);
  bell.context.close();
  document.title = bell.title;
  bell = null;
}

function hangUp() {
  peer?.close();
  peer = null;
  microphone?.getTracks().forEach((track) => track.stop());
  microphone = null;
  sessionStorage.removeItem(MUTED);
}

async function connect() {
  const mine = new RTCPeerConnection();
  peer = mine;
  problem("");
  try {
    microphone ??= await navigator.mediaDevices.getUserMedia(MICROPHONE);
  } catch (error) {
    console.warn(error);
    peer = null;
    problem("noMicrophone");
    return;
  }
  try {
    await offer(mine);
  } catch (error) {
    console.warn(error);
    if (peer === mine) peer = null;
    mine.close();
    problem("noSound");
  }
  look().catch(console.warn);
}

async function offer(mine) {
  microphone.getAudioTracks().forEach((track) => {
    track.enabled = sessionStorage.getItem(MUTED) !== "yes";
    mine.addTrack(track, microphone);
  });
  mine.addEventListener("track", ({ track }) => {
    document.getElementById("phone-sound").srcObject = new MediaStream([track]);
  });
  mine.addEventListener("connectionstatechange", () => {
    if (mine.connectionState !== "failed" || peer !== mine) return;
    peer = null;
    mine.close();
    look().then(() => state() === "talking" && !peer && connect()).catch(console.warn);
  });
  await mine.setLocalDescription(await mine.createOffer());
  const taken = await post("/phone/answer/", new URLSearchParams({ offer: mine.localDescription.sdp }));
  if (!taken.ok) throw new Error(`not taken: ${taken.status}`);
  await mine.setRemoteDescription({ type: "answer", sdp: await answered() });
}

async function answered() {
  for (const end = Date.now() + LONGEST_WAIT; Date.now() < end; await pause(ANSWER_EVERY)) {
    const told = await fetch("/phone/sound/", { credentials: "same-origin" });
    const { answer } = told.ok && !told.redirected ? await told.json() : {};
    if (answer) return answer;
  }
  throw new Error("no answer");
}

function showMute() {
  const muted = sessionStorage.getItem(MUTED) === "yes";
  panel().querySelectorAll("[data-phone-on]").forEach((one) => (one.hidden = muted));
  panel().querySelectorAll("[data-phone-off]").forEach((one) => (one.hidden = !muted));
  microphone?.getAudioTracks().forEach((track) => (track.enabled = !muted));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-phone-answer]") && !peer) connect();
  if (target.closest("[data-phone-mute]")) {
    sessionStorage.setItem(MUTED, sessionStorage.getItem(MUTED) === "yes" ? "no" : "yes");
    showMute();
  }
});

document.addEventListener("input", ({ target }) => {
  const form = target.closest("#phone form.fields");
  if (form) keepWords(form);
});

// Whoever opens the keypad types.
document.addEventListener("toggle", ({ target }) => target.open && target.querySelector?.("[data-phone-keys] input[name=keys]")?.focus(), true);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-phone]");
  if (!form) return;
  event.preventDefault();
  const words = new URLSearchParams(new FormData(form, event.submitter));
  const done = await post(form.action, words, { headers: { "HX-Request": "true" } });
  const keys = form.matches("[data-phone-keys]");
  if (keys) form.reset();
  else document.activeElement?.blur();
  problem(done.ok ? "" : "failed");
  if (done.ok && !done.redirected) {
    if (!keys) form.closest("details")?.removeAttribute("open");
    show(await done.text());
  } else if (done.status !== 422) await look();
});

document.addEventListener("live", ({ detail }) => {
  if (detail.kind === "phone" || detail.kind === "reload") look().catch(console.warn);
});
// A page that is closed cannot ring; one that is only loaded anew, or comes back from the browser's memory, says so at once.
const here = () => post("/phone/here/", null).catch(console.warn);
addEventListener("pagehide", () => post("/phone/gone/", null, { keepalive: true }).catch(() => {}));
addEventListener("pageshow", here);
setInterval(here, HERE_EVERY);
setInterval(() => look().catch(console.warn), LOOK_EVERY);
follow();
