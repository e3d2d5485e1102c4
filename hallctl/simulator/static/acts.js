// The acts that are on no keypad: a window's menu “更多”, the guide desk and the supervisor's menu.
// Each sends the same command a program would send (POST /api/ask), and says what came of it.
import { make, post, text, toast } from "./dom.js";

const at = (id) => document.getElementById(id);

async function ask(command, done) {
  const answer = await post("/api/ask", { command });
  if (!answer) return false;
  toast(answer.result.label ? `${done}：${answer.result.label}` : done);
  return true;
}

// ---- one dialog, its rows made anew each time --------------------------------------------------

const input = (name, placeholder, list) =>
  make("input", { name, placeholder, "aria-label": placeholder, list: list ?? null, autocomplete: "off" });
const choice = (name, label, options) =>
  make("select", { name, "aria-label": label }, ...options.map(([value, words]) => make("option", { value }, words)));

function row(act, fields, command, title) {
  const form = make("form", { class: "act", "data-act": command({}).type },
    make("button", { title: title ?? null }, act), ...fields);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    if (await ask(command(given), act)) at("more").close();
  });
  return form;
}

function open(title, sub, rows) {
  const dialog = at("more");
  document.body.append(at("toast"));
  const close = make("button", { class: "quiet", onclick: () => dialog.close(), "aria-label": "关闭" }, "关闭");
  dialog.replaceChildren(make("header", {}, make("h2", {}, title, make("small", {}, sub)), close), make("div", { class: "acts" }, ...rows));
  dialog.showModal();
}

at("more").addEventListener("close", () => document.body.append(at("toast")));

const code = (item) => (item ?? "").trim().split(/\s/)[0].toUpperCase();

// ---- a window ---------------------------------------------------------------------------------

export function openWindow(number, state) {
  const live = state.hall.windows.find((known) => known.number === number) ?? {};
  const window = state.windows.find((known) => known.number === number);
  const [queues, label] = [state.hall.queues, live.label ?? ""];
  const goals = [["", "回到原队列"], ...queues.map((q) => [`q${q.id}`, `${q.name}队列`]),
    ...state.windows.filter((w) => w.number !== number).map((w) => [`w${w.number}`, `${w.number} 号窗口`])];
  const goal = ({ goal: to = "" }) => to[0] === "q" ? { queue: to.slice(1) } : to[0] === "w" ? { to_window: Number(to.slice(1)) } : {};
  const held = [["", "最早挂起的"], ...(live.held ?? []).map((one) => [one, one])];
  const rows = [
    row("挂起", [input("reason", "原因，如去复印")], (v) => ({ type: "Hold", window: number, reason: v.reason ?? "" })),
    row("回呼", [choice("label", "叫回哪一个", held)], (v) => ({ type: "CallBack", window: number, label: v.label ?? "" })),
    row("转移", [choice("goal", "转到哪里", goals)], (v) => ({ type: "Transfer", window: number, ...goal(v) })),
    row("撤回上一步", [], () => ({ type: "Undo", window: number }), "10 秒以内"),
    row("重呼", [], () => ({ type: "Recall", window: number })),
    row("直接受理", [input("item", "事项，可以不填", "items")], (v) => ({ type: "ServeWalkUp", window: number, item: code(v.item) }), "没有号的人，不叫号"),
    row("办不成事", [], () => ({ type: "RaiseStuck", window: number }), "转到“办不成事”窗口的号"),
    row("加办事项", [input("item", "事项", "items")], (v) => ({ type: "AddMatter", visit: label, item: code(v.item) }), "一票到底"),
    row("定事项", [input("item", "事项", "items")], (v) => ({ type: "SetItem", visit: label, item: code(v.item) })),
    live.status === "paused" ? row("恢复", [], () => ({ type: "Resume", window: number }))
      : row("暂停", [input("reason", "原因")], (v) => ({ type: "Pause", window: number, reason: v.reason ?? "" })),
    live.staff ? row(`退出（工号 ${live.staff}）`, [], () => ({ type: "SignOff", window: number }))
      : row("登录", [input("staff", "工号"), input("reason", "顶岗原因")], (v) => ({ type: "SignOn", window: number, staff: v.staff ?? "", reason: v.reason ?? "" })),
    row("今天办的队列", [input("queues", `如 ${queues.slice(0, 2).map((q) => q.id).join(" ")}，不填照原样`)],
      (v) => ({ type: "SetWindowQueues", window: number, queues: (v.queues ?? "").toUpperCase().split(/[\s,，、]+/).filter(Boolean) })),
    row("帮办", [choice("on", "帮办", [["1", "开"], ["", "关"]])], (v) => ({ type: "SetHelping", window: number, on: v.on === "1" })),
  ];
  open(`${number} 号窗口`, [window.name, label && `正在 ${label}`].filter(Boolean).join(" · "), rows);
}

// ---- the guide desk ---------------------------------------------------------------------------

const VISIT = {
  cancel: ["取消", (visit) => ({ type: "CancelTicket", visit })],
  reprint: ["补打", (visit) => ({ type: "Reprint", visit })],
  rejoin: ["重新排队", (visit) => ({ type: "Rejoin", visit })],
  priority: ["改为优先", (visit) => ({ type: "ChangeClass", visit, klass: "priority" })],
  ordinary: ["改为普通", (visit) => ({ type: "ChangeClass", visit, klass: "ordinary" })],
};

export function pick(label) {
  at("guide-label").value = label;
  at("guide-label").focus();
}

function openHall(state) {
  const queues = state.hall.queues.map((queue) => [queue.id, queue.name]);
  open("大厅", "今天有效", [
    row("停号", [choice("queue", "队列", queues), input("reason", "原因")], (v) => ({ type: "CloseQueue", queue: v.queue ?? "", reason: v.reason ?? "" })),
    row("恢复取号", [choice("queue", "队列", queues)], (v) => ({ type: "OpenQueue", queue: v.queue ?? "" })),
    row("大屏通知", [input("notice", "一条通知，不填照原样")], (v) => ({ type: "SetNotices", notices: v.notice ? [v.notice] : [] })),
    row("延时服务", [input("until", "到几点，如 18:30")],
      (v) => { const [hour, minute] = (v.until || "0:0").split(/[:：]/).map(Number); return { type: "ExtendHours", until_day_s: hour * 3600 + minute * 60 }; }),
  ]);
}

export function setUpGuide(state) {
  for (const button of document.querySelectorAll("[data-visit]"))
    button.addEventListener("click", () => {
      const label = at("guide-label").value.trim().toUpperCase();
      if (!label) { toast("先写号，或点日志里的号。"); at("guide-label").focus(); return; }
      const [act, command] = VISIT[button.dataset.visit];
      ask(command(label), `${act} ${label}`);
    });
  at("guide-hall").addEventListener("click", () => { if (state()) openHall(state()); });
}

// Who has touched 叫人帮忙: one button each, for whoever goes there.
export function drawHelp(places) {
  const host = at("guide-help");
  if (host.dataset.key === places.join(" ")) return;
  host.dataset.key = places.join(" ");
  host.replaceChildren(...places.map((place) => make("button", {
    class: "chip calls", "data-help": place, title: "叫帮忙的地方",
    onclick: () => ask({ type: "AnswerHelp", place }, `去 ${place} 了`),
  }, `${place} 叫人：我去`)));
}

export function drawAlerts(alerts) {
  const key = JSON.stringify(alerts);
  const list = at("alerts");
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const first = [...alerts].sort((one, other) => (other.level === "red") - (one.level === "red"));
  list.hidden = !first.length;
  list.className = `alerts ${first[0]?.level ?? ""}`;
  const more = first.length > 1 ? ` · 共 ${first.length} 件` : "";
  text(list, first.length ? `${first[0].words}${more}` : "");
  list.onclick = () => open("提醒", `${first.length} 件`, first.map(({ level, words }) => make("p", { class: `alert ${level}` }, words)));
}
