// Devices with their fault switches, and the processes one can kill to see the hall survive.
import { make, post, text } from "./dom.js";

const KINDS = { printer: "打印机", strip: "条屏", keypad: "呼叫器", pad: "评价器", voice: "语音" };
const rows = new Map();

function row(host, key, build) {
  if (!rows.has(key)) {
    const parts = build();
    host.append(parts.row);
    rows.set(key, parts);
  }
  return rows.get(key);
}

export function drawDevices(host, state) {
  for (const device of state.devices) {
    const parts = row(host, `device ${device.name}`, () => deviceRow(device));
    const on = device.faults.filter((fault) => fault.on);
    const link = state.hall.links[device.name] ?? "unknown";
    parts.row.className = `row ${on.some((f) => f.name === "unplug") || link === "down" ? "bad" : on.length ? "warn" : link === "up" ? "ok" : ""}`;
    const bytes = device.last.map((frame) => `${frame.way === "to" ? "→" : "←"} ${frame.hex}`);
    parts.name.title = [`${device.driver} · ${device.wire}`, ...bytes].join("\n");
    device.faults.forEach((fault, index) => parts.chips[index]?.setAttribute("aria-pressed", fault.on));
  }
}

function deviceRow(device) {
  const chips = device.faults.map((fault) => make("button", {
    class: "chip", "aria-pressed": "false", "data-device": device.name, "data-fault": fault.name,
    onclick: (event) => post(`/api/fault/${device.name}`, { fault: fault.name, on: event.currentTarget.getAttribute("aria-pressed") !== "true" }),
  }, fault.words));
  const where = device.windows.length === 1 ? `${device.windows[0]} 号窗口` : device.windows.length ? `${device.windows.at(0)}–${device.windows.at(-1)} 号窗口` : "";
  const name = make("b", {}, `${where}${KINDS[device.kind] ?? device.kind}`, make("small", {}, device.name));
  const element = make("div", { class: "row" }, make("i"), name, make("div", { class: `chips ${chips.length > 3 ? "wide" : ""}` }, ...chips));
  return { row: element, name, chips };
}

const STATUS = { running: "在运行", waiting: "等着重新启动", stopped: "停着", refused: "配置有误" };

export function drawChildren(host, children) {
  for (const child of children) {
    const parts = row(host, `child ${child.name}`, () => childRow(child));
    parts.row.className = `row ${{ running: "ok", waiting: "warn" }[child.status] ?? "bad"}`;
    const times = child.starts > 1 ? ` · 第 ${child.starts} 次` : "";
    text(parts.small, child.status === "running" ? `pid ${child.pid}${times}` : `${STATUS[child.status]}${times}`);
    const alive = child.status === "running";
    parts.stop.disabled = child.status === "stopped";
    parts.kill.disabled = !alive;
    parts.start.disabled = alive || child.status === "waiting";
    const words = alive || child.status === "stopped" ? "" : child.words.slice(-1).join("");
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
