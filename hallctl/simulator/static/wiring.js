// Devices with their fault switches, and the processes one can kill to see the hall survive.
import { make, post, text } from "./dom.js";

const KINDS = { printer: "打印机", strip: "条屏", keypad: "呼叫器", pad: "评价器", voice: "语音", reader: "身份证读卡器" };
const rows = new Map();
const latest = new Map(); // each device's last frames

function row(host, key, build, first = false) {
  if (!rows.has(key)) {
    const parts = build();
    if (first) host.prepend(parts.row);
    else host.append(parts.row);
    rows.set(key, parts);
  }
  return rows.get(key);
}

export function drawDevices(host, state) {
  for (const device of state.devices) {
    const parts = row(host, `device ${device.name}`, () => deviceRow(device), device.kind === "voice");
    const link = state.hall.links[device.name] ?? "unknown";
    const bad = link === "down" || !device.twin || device.faults.some((fault) => fault.name === "unplug" && fault.on);
    const troubles = link === "up" ? state.hall.troubles[device.name] ?? [] : [];
    const switched = device.words.length ? `（桌面：${device.words.join("、")}）` : "";
    parts.row.className = `row ${bad ? "bad" : device.words.length + troubles.length ? "warn" : link === "up" ? "ok" : ""}`;
    text(parts.said, [{ up: "在线", down: "离线" }[link] ?? "还不知道", ...troubles].join(" · ") + switched);
    device.faults.forEach((fault, index) => parts.chips[index]?.setAttribute("aria-pressed", fault.on));
    if (device.kind === "voice") drawSpoken(parts.spoken, state.hall.voices[device.name], state.hall.quiet_until);
    latest.set(device.name, device.last);
    if (!parts.more.hidden) drawFrames(parts.frames, device.last);
  }
}

// The words that are being spoken, and what waits behind them.
function drawSpoken(host, voice, quietUntil) {
  const { saying = "", words = [], waiting = [] } = voice ?? {};
  const told = JSON.stringify([saying, words, waiting, quietUntil]);
  if (host.dataset.told === told) return;
  host.dataset.told = told;
  const news = [quietUntil && `静音到 ${quietUntil}`, saying && `正在播：${saying}`,
    waiting.length && `${waiting.length} 个等着播：${waiting.slice(0, 4).join("、")}${waiting.length > 4 ? " …" : ""}`];
  host.replaceChildren(news.filter(Boolean).join(" · "),
    ...words.map(([language, words]) => make("q", {}, make("small", {}, language), words)));
}

// The last frames as they went over the wire, the newest first; → to the device, ← from it.
function drawFrames(host, frames) {
  const lines = [...frames].reverse().map((frame) => `${frame.way === "to" ? "→" : "←"} ${frame.hex}${frame.bytes * 3 - 1 > frame.hex.length ? ` … 共 ${frame.bytes} 字节` : ""}`);
  text(host, lines.join("\n") || "线上还没有数据");
}

function deviceRow(device) {
  const chip = (fault) => make("button", {
    class: "chip", "aria-pressed": "false", "data-device": device.name, "data-fault": fault.name,
    onclick: (event) => post(`/api/fault/${device.name}`, { fault: fault.name, on: event.currentTarget.getAttribute("aria-pressed") !== "true" }),
  }, fault.words);
  const chips = device.faults.map(chip);
  const deeds = device.deeds.map((deed) => make("button", {
    class: "chip deed", "data-deed": device.name, onclick: () => post(`/api/press/${device.name}`, deed.press),
  }, deed.words));
  const frames = make("pre", { title: "最近的数据，新的在上：→ 发给设备，← 设备发来" });
  const more = make("div", { class: "more", hidden: true }, make("div", { class: "chips wide" }, ...chips.slice(1)), frames);
  const open = make("button", {
    class: "chip", "aria-expanded": "false", "data-open": device.name, disabled: !device.twin,
    onclick: () => {
      more.hidden = !more.hidden;
      open.setAttribute("aria-expanded", !more.hidden);
      if (!more.hidden) drawFrames(frames, latest.get(device.name));
    },
  }, "故障…");
  const where = device.windows.length === 1 ? `${device.windows[0]} 号窗口` : device.windows.length ? `${device.windows.at(0)}–${device.windows.at(-1)} 号窗口` : "";
  const name = make("b", { title: `${device.driver} · ${device.wire}` }, `${where}${KINDS[device.kind] ?? device.kind}`, make("small", {}, device.name));
  const said = make("span", { class: "said" });
  const spoken = make("div", { class: "spoken", "aria-live": "polite" });
  const element = make("div", { class: "row", "data-row": device.name }, make("i"), name, make("div", { class: "chips" }, ...chips.slice(0, 1), open), said, make("div", { class: "chips" }, ...deeds), spoken, more);
  return { row: element, said, spoken, chips, more, frames };
}

const STATUS = { running: "在运行", waiting: "等着重新启动", stopped: "停着", refused: "配置有误", done: "已完成", failed: "没有完成" };
const RESTS = ["stopped", "done", "failed"];

export function drawChildren(host, children) {
  for (const child of children) {
    const parts = row(host, `child ${child.name}`, () => childRow(child));
    parts.row.className = `row ${{ running: "ok", waiting: "warn", done: "ok", failed: "warn" }[child.status] ?? "bad"}`;
    const times = child.starts > 1 ? ` · 第 ${child.starts} 次` : "";
    text(parts.small, child.status === "running" ? `pid ${child.pid}${times}` : `${STATUS[child.status]}${times}`);
    const alive = child.status === "running";
    parts.stop.disabled = RESTS.includes(child.status);
    parts.kill.disabled = !alive;
    parts.start.disabled = alive || child.status === "waiting";
    const tells = child.once ? child.status !== "stopped" : !alive && !RESTS.includes(child.status);
    const without = child.name === "sounds" && child.status === "failed" ? " 缺片段的语言不念，只响铃。" : "";
    const words = (tells ? child.words.slice(-1).join("") : "") + without;
    text(parts.words, words);
    parts.words.hidden = !words;
  }
}

function childRow(child) {
  const button = (label, what) => make("button", { class: "chip", "data-child": child.name, "data-do": what, onclick: () => post(`/api/child/${child.name}`, { do: what }) }, label);
  const [small, words] = [make("small"), make("p", { hidden: true })];
  const [stop, kill, start] = [button("停止", "stop"), button("kill -9", "kill"), button("启动", "start")];
  const element = make("div", { class: "row" }, make("i"), make("b", {}, child.title, small), make("div", { class: "chips" }, stop, kill, start), words);
  return { row: element, small, words, stop, kill, start };
}
