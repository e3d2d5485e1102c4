// The hall's voice in this browser: each announcement's own sound, when its device begins it, one
// after the other. A browser plays nothing before somebody has clicked, so there is a button.
import { text } from "./dom.js";

const REMEMBERED = "hallctl-sound";
const JOIN_AFTER_S = 0.3; // so far into an announcement one begins midway, to be in step
const TAIL_S = 0.35; // every announcement ends in a little more silence than that
const LATE_S = 0.2;
const audio = document.getElementById("voice");
const button = document.getElementById("sound");

let wanted = localStorage.getItem(REMEMBERED) === "on";
let refused = false; // the browser wants a click first
let allowed = navigator.userActivation?.hasBeenActive ?? false; // it has played, or been clicked
let skew_s = 0; // the devices' clock minus this page's
let first = true;
let playing = null;
let waiting = []; // begun by a device, not yet heard here
const known = new Set();

const now = () => performance.now() / 1000 + skew_s;
const running = (play) => now() < play.started_at + play.lasts_s;
const audible = () => wanted && !refused;

function draw() {
  const open = audible() && allowed;
  button.setAttribute("aria-pressed", open);
  button.classList.toggle("asks", !open);
  text(button, open ? "声音：开" : "打开声音");
  button.title = open ? "点一下关上" : "浏览器要先点一下才出声";
}

// Begin what is going on now where it stands, and forget what nobody heard.
function join() {
  waiting = waiting.filter(running).map((play) => ({ ...play, midway: true }));
}

function turn(on) {
  wanted = on;
  refused = false;
  allowed = true; // somebody clicked
  localStorage.setItem(REMEMBERED, on ? "on" : "off");
  if (on) join();
  else if (playing) { waiting.unshift(playing); hush(); }
  draw();
  next();
}

function hush() {
  playing = null;
  audio.pause();
  audio.removeAttribute("src");
  audio.load();
}

function done(play) {
  if (playing !== play || !play) return;
  playing = null;
  next();
}

// A browser takes a moment to begin. In a long row of calls these moments would add up: so when
// the next one is late, the silence at the end of this one is left out.
function hurry() {
  if (!playing || !waiting.length || now() - waiting[0].started_at < LATE_S) return;
  const left_s = audio.duration - audio.currentTime;
  if (left_s <= TAIL_S) done(playing);
}

async function next() {
  if (playing || !audible() || !waiting.length) return;
  const play = playing = waiting.shift();
  audio.dataset.play = play.id;
  audio.src = play.url;
  const gone_s = now() - play.started_at;
  if (play.midway && gone_s > JOIN_AFTER_S) audio.currentTime = gone_s;
  try {
    await audio.play();
    if (!allowed) { allowed = true; draw(); }
  } catch (error) {
    if (playing !== play) return; // hushed meanwhile
    if (error.name !== "NotAllowedError") { done(play); return; }
    refused = true;
    waiting.unshift(play);
    playing = null;
    draw();
  }
}

// A new state of the hall: what the voices have begun since the last one, and what was cut.
export function listen(state) {
  skew_s = state.clock.mono_s - performance.now() / 1000;
  for (const device of state.devices.filter((one) => one.kind === "voice"))
    for (const play of device.state.plays ?? []) {
      if (play.started_at === null || play.started_at === undefined) continue;
      const key = `${device.name} ${play.id} ${play.started_at}`; // an id may come again
      if (play.failed) {
        waiting = waiting.filter((one) => one.key !== key);
        if (playing?.key === key) { hush(); next(); }
      }
      if (known.has(key)) continue;
      known.add(key);
      if (play.failed || (first && play.ended_at !== null)) continue;
      const url = `/sound/${encodeURIComponent(device.name)}/${encodeURIComponent(play.id)}.wav`;
      waiting.push({ ...play, key, url, midway: first });
    }
  waiting.sort((one, other) => one.started_at - other.started_at);
  first = false;
  if (!audible()) waiting = waiting.filter(running);
  hurry();
  next();
}

audio.addEventListener("ended", () => done(playing));
audio.addEventListener("timeupdate", hurry);
audio.addEventListener("error", () => done(playing));
button.addEventListener("click", () => turn(button.getAttribute("aria-pressed") !== "true"));
// Who had the sound on wants it on: the first click anywhere will do.
document.addEventListener("click", ({ target }) => {
  if (target !== button && wanted) turn(true);
}, { once: true });
draw();
