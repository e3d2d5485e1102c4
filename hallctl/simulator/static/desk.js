// The page that is the hall. Everything shown comes from the supervisor: states as JSON text,
// the screens' own frames as binary (u32 header length, JSON header, PNG).
import { drawAlerts, drawHelp, pick, setUpGuide } from "./acts.js";
import { make, post, text } from "./dom.js";
import { Screen, frameOf } from "./screen.js";
import { listen } from "./voice.js";
import { drawWindows } from "./windows.js";
import { drawDevices, drawChildren } from "./wiring.js";

const at = (id) => document.getElementById(id);
let state = null;
let skew_s = 0; // hall time minus this browser's clock

// ---- screens ---------------------------------------------------------------------------------

const screens = {
  "kiosk-1": new Screen(at("kiosk"), at("kiosk-since"), "kiosk-1"),
  "hall-1": new Screen(at("hall"), at("hall-since"), "hall-1"),
};

// All other screens run when somebody opens them, each on a page of its own.
function offerMore(more) {
  const choice = at("another");
  if (choice.options.length > 1) return;
  choice.append(...Object.entries(more).map(([name, title]) => make("option", { value: name }, title)));
}
at("another").addEventListener("change", ({ target }) => {
  if (target.value) window.open(`/screen/${target.value}`, target.value);
  target.value = "";
});

// ---- paper -----------------------------------------------------------------------------------

const shown = new Map();
let firstSlips = true;

function drawPrinter(devices) {
  const printers = devices.filter((device) => device.kind === "printer");
  const slips = printers.flatMap((device) => (device.state.slips ?? []).map((slip) => ({ device, slip })));
  slips.sort((one, other) => one.slip.at - other.slip.at);
  for (const { device, slip } of slips) {
    const key = `${device.name}/slip-${slip.n}`;
    if (shown.has(key)) continue;
    const words = slip.text.join("\n");
    const photo = make("img", { src: `/api/picture/${device.name}/slip-${slip.n}.png`, alt: words, title: "点一下放大" });
    photo.addEventListener("click", () => enlarge(photo));
    const figure = make("figure", firstSlips ? {} : { class: "fresh" }, photo);
    at("slips").prepend(figure);
    at("slips").scrollTop = 0;
    shown.set(key, figure);
  }
  const kept = new Set(slips.map(({ device, slip }) => `${device.name}/slip-${slip.n}`));
  for (const [key, figure] of shown) if (!kept.has(key)) { figure.remove(); shown.delete(key); }
  if (!slips.length && !at("slips").children.length) at("slips").append(make("p", { class: "none" }, "在取号机上点一下，小票从这里出来。"));
  if (slips.length) at("slips").querySelector(".none")?.remove();
  firstSlips = false;
  const printer = printers[0];
  if (!printer) return;
  const on = printer.faults.filter((fault) => fault.on).map((fault) => fault.words);
  text(at("printer-state"), on.length ? on.join("、") : "纸够用");
  at("printer-state").classList.toggle("warn", on.length > 0);
}

function enlarge(photo) {
  const dialog = make("dialog", {}, make("img", { src: photo.src, alt: photo.alt }));
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// ---- header, log -----------------------------------------------------------------------------

function drawPulse(hall, children) {
  const down = Object.values(hall.links).filter((link) => link === "down").length;
  const daemon = children.find((child) => child.name === "daemon");
  const [tone, words] = !connected ? ["bad", "桌面已停：这一页不再更新"]
    : hall.alive && down ? ["warn", `大厅在运行，${down} 个设备断开`]
    : hall.alive ? ["ok", "大厅运行正常"]
    : daemon?.status === "waiting" ? ["bad", "主程序退出，正在重新启动"]
    : daemon?.status === "stopped" ? ["bad", `主程序停了${hall.stale_since ? `，从 ${hall.stale_since} 起` : ""}`]
    : hall.stale_since ? ["warn", `${hall.stale_since} 起没有消息`] : ["warn", "正在启动…"];
  at("pulse").className = `pulse ${tone}`;
  text(at("pulse").lastElementChild, words);
  const waiting = hall.queues.reduce((sum, queue) => sum + queue.waiting, 0);
  at("counts").innerHTML = `<span><b>${waiting}</b>人在等</span><span><b>${hall.done}</b>件已办</span>`;
}

function drawLog(lines) {
  const list = at("log");
  const newest = Number(list.dataset.newest ?? 0);
  for (const line of [...lines].reverse()) {
    if (line.n <= newest) continue;
    list.prepend(make("li", { class: line.tone }, make("time", {}, line.time), make("span", {}, ...withLabels(line.words))));
  }
  if (lines.length) list.dataset.newest = lines[0].n;
  while (list.children.length > 200) list.lastElementChild.remove();
}

// The labels in a sentence can be clicked: they go to the guide desk.
function withLabels(words) {
  return words.split(/\b([A-Z]{1,2}\d{3})\b/).map((part, index) => index % 2 === 0 ? part
    : make("button", { class: "label", title: "到导办台", onclick: () => pick(part) }, part));
}

function tickClock() {
  if (!state) return;
  const now = new Date((Date.now() / 1000 + skew_s + state.clock.utc_offset_s) * 1000);
  const two = (n) => String(n).padStart(2, "0");
  text(at("time"), `${now.getUTCHours()}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`);
  for (const button of document.querySelectorAll("[data-clock]")) {
    const to = JSON.parse(button.dataset.clock).to;
    if (to) button.disabled = Number(to.slice(0, 2)) <= now.getUTCHours();
  }
}

// ---- the wire --------------------------------------------------------------------------------

let connected = false;

function draw() {
  skew_s = state.clock.wall_s - Date.now() / 1000;
  text(at("date"), state.clock.date);
  tickClock();
  drawPulse(state.hall, state.children);
  drawLog(state.log);
  drawAlerts(state.hall.alerts);
  drawHelp(state.hall.help);
  for (const [name, screen] of Object.entries(screens)) screen.tell(state.screens[name]);
  offerMore(state.more);
  drawPrinter(state.devices);
  drawWindows(at("windows"), state);
  drawChildren(at("children"), state.children);
  drawDevices(at("devices"), state);
  listen(state);
  document.body.dataset.ready = "yes";
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { connected = true; };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") { state = JSON.parse(data); draw(); return; }
    const { header, png } = frameOf(data);
    screens[header.screen]?.show(header, png);
  };
  socket.onclose = () => {
    connected = false;
    if (state) drawPulse(state.hall, state.children);
    setTimeout(connect, 1000);
  };
}

for (const button of document.querySelectorAll("[data-clock]"))
  button.addEventListener("click", () => post("/api/clock", JSON.parse(button.dataset.clock)));
setUpGuide(() => state);
setInterval(tickClock, 250);
connect();
