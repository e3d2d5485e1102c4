// The nine windows: each with its LED strip, its 21-key keypad and its rating pad. What they show
// is what the twins read off the wire; what is pressed goes out as the device's own frame.
import { openWindow } from "./acts.js";
import { make, post, text } from "./dom.js";

const STATUS = { idle: "空闲", called: "已叫号", serving: "办理中", paused: "暂停", off: "未开放" };
// On the keypad these are typed as a digit and 确认, so digits of one's own cannot go with them.
const WITHOUT_DIGITS = ["no_show", "hold", "resume", "cancel"];
const GRADES = [[5, "非常满意"], [4, "满意"], [3, "基本满意"], [2, "不满意"], [1, "非常不满意"]];
const MOUTHS = { 5: "M6.5 13.5q5.5 6 11 0", 4: "M7 14.5q5 3.6 10 0", 3: "M7.5 15.5h9", 2: "M7 17q5-3.6 10 0", 1: "M6.5 18q5.5-6 11 0" };
// Rows of the keypad: [label, key, class]; digits are typed into the keypad and go with the next key.
const KEYS = [
  ["呼叫", "call", "go"], ["1"], ["2"], ["3"],
  ["重呼", "recall", "fn"], ["4"], ["5"], ["6"],
  ["过号", "no_show", "fn"], ["7"], ["8"], ["9"],
  ["暂停", "pause", "fn"], ["取消", "cancel", "fn"], ["0"], ["确认", "confirm", "fn"],
  ["评价", "rate", "go"], ["转移", "transfer", "fn"], ["挂起", "hold", "fn"], ["回呼", "resume", "fn"],
];
const TITLES = {
  call: "顺呼：叫下一位；先按数字是特呼", confirm: "开始办理；先按工号是登录或退出", rate: "办结，请评价", no_show: "没来，过号",
  cancel: "按了数字：清除；没按：10 秒内撤回上一步", transfer: "回到队列；先按窗口号是转到那个窗口",
  hold: "先离开一下，号留着", resume: "叫回最早挂起的", pause: "暂停；再按恢复",
};
const cards = new Map();

const face = (grade) => `<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/><path d="M8.6 9.2v.6M15.4 9.2v.6"/><path d="${MOUTHS[grade]}"/></svg>`;

const serving = (state, kind, number) =>
  state.devices.find((device) => device.kind === kind && device.windows.includes(number));
const unplugged = (device) => device.faults.some((fault) => fault.name === "unplug" && fault.on);

export function drawWindows(host, state) {
  for (const window of state.windows) {
    if (!cards.has(window.number)) {
      const card = new Card(window, state);
      cards.set(window.number, card);
      host.append(card.element);
      host.style.gridTemplateColumns = `repeat(${cards.size}, minmax(0, 1fr))`;
    }
    const live = state.hall.windows.find((known) => known.number === window.number);
    cards.get(window.number).draw(live, state);
  }
}

class Card {
  constructor(window, state) {
    this.number = window.number;
    this.typed = "";
    this.status = make("em");
    this.label = make("span", { class: "no" });
    const more = make("button", { class: "more", "data-more": window.number, "aria-label": `${window.number} 号窗口更多操作`, onclick: () => openWindow(window.number, this.state) }, "更多");
    const names = make("div", {}, make("strong", { title: window.name }, window.short || window.name), this.status);
    const header = make("header", {}, make("b", {}, String(window.number)), names, make("span", { class: "right" }, this.label, more));
    this.element = make("article", { class: "win idle", id: `window-${window.number}`, "aria-label": `${window.number} 号窗口 ${window.name}` }, header);
    this.addStrip(serving(state, "strip", window.number));
    this.addKeypad(serving(state, "keypad", window.number));
    this.addPad(serving(state, "pad", window.number));
  }

  addStrip(device) {
    if (!device) return;
    this.light = make("img", { alt: "" });
    this.led = make("div", { class: "led", title: `条屏 ${device.name}` }, this.light);
    this.element.append(this.led);
  }

  addKeypad(device) {
    if (!device) return;
    this.lcd = make("div", { class: "lcd", title: "左：等候人数　右：窗口的号" }, make("span"), make("span"));
    const buttons = KEYS.map(([label, key, style]) => make("button", {
      class: style ?? "", title: TITLES[key] ?? null, "data-key": key ?? label, onclick: () => this.press(device, label, key),
    }, label));
    this.keys = make("div", { class: "keys", role: "group", "aria-label": `${this.number} 号窗口的呼叫器` }, this.lcd, ...buttons);
    this.element.append(this.keys);
  }

  press(device, label, key) {
    if (key === undefined) this.typed = (this.typed + label).slice(-5);
    else {
      if (key === "confirm" && this.shows?.typed) key = "start"; // a USB keypad has no key for it
      const digits = WITHOUT_DIGITS.includes(key) ? "" : this.typed;
      if (key !== "cancel" || !this.typed) post(`/api/press/${device.name}`, { window: this.number, key, digits });
      this.typed = "";
    }
    this.drawLcd();
  }

  addPad(device) {
    if (!device && !this.keys) return;
    this.ask = make("p");
    this.faces = GRADES.map(([grade, words]) => {
      const button = make("button", { title: words, "aria-label": words, "data-grade": grade, disabled: true, onclick: () => this.rate(grade) });
      button.innerHTML = face(grade);
      return button;
    });
    this.pad = make("div", { class: "padbox", role: "group", "aria-label": `${this.number} 号窗口的评价器` }, this.ask, make("div", { class: "faces" }, ...this.faces));
    this.element.append(this.pad);
  }

  rate(grade) {
    const device = this.rating;
    if (device) post(`/api/press/${device.name}`, { window: this.number, grade });
  }

  draw(live, state) {
    this.state = state;
    const status = live?.status ?? "idle";
    this.element.className = `win ${status}`;
    const held = live?.held?.length ? `·挂${live.held.length}` : "";
    text(this.status, live ? `${STATUS[status] ?? status}${held}` : "…");
    this.status.title = [live?.staff && `工号 ${live.staff}`, live?.held?.length && `挂起 ${live.held.join("、")}`].filter(Boolean).join("；");
    text(this.label, live?.label ?? "");
    this.drawStrip(serving(state, "strip", this.number));
    this.drawKeypad(serving(state, "keypad", this.number));
    this.drawPad(serving(state, "pad", this.number), serving(state, "keypad", this.number), live);
  }

  drawStrip(device) {
    if (!device || !this.led) return;
    const strip = device.state.windows?.[this.number];
    const version = `${strip?.count}/${strip?.clears}/${strip?.text}`;
    if (this.light.dataset.version !== version) {
      this.light.dataset.version = version;
      this.light.src = `/api/picture/${device.name}/window-${this.number}.png?v=${encodeURIComponent(version)}`;
      this.light.alt = strip?.text ?? "";
      this.led.title = strip?.text || "（条屏没有字）";
    }
    this.led.classList.toggle("off", unplugged(device));
  }

  drawKeypad(device) {
    if (!device || !this.keys) return;
    this.shows = device.state.windows?.[this.number] ?? device.state;
    this.drawLcd();
    this.keys.classList.toggle("off", unplugged(device));
  }

  drawLcd() {
    const shows = this.shows ?? {};
    // A USB keypad shows nothing: its last keys stand there instead.
    const typed = shows.typed?.slice(-5).join(" ").replaceAll("enter", "⏎");
    text(this.lcd.children[0], typed ?? `等${shows.waiting || "---"}`);
    text(this.lcd.children[1], this.typed ? `›${this.typed}` : shows.ticket || (shows.typed ? "" : "---"));
  }

  drawPad(pad, keypad, live) {
    if (!this.pad) return;
    this.rating = pad ?? keypad;
    // A pad on a bus shows by window; one that is a USB keyboard shows nothing: the hall knows.
    const shows = pad?.state.windows?.[this.number] ?? pad?.state;
    const asking = shows?.asking ?? Boolean(live?.rating);
    this.pad.classList.toggle("asking", Boolean(asking));
    this.pad.classList.toggle("off", Boolean(pad && unplugged(pad)));
    text(this.ask, asking ? "请评价" : shows?.thanks ? "谢谢您" : "评价器");
    const keys = shows?.keys; // grades or their names; a pad may have four
    for (const button of this.faces) button.disabled = !asking || Boolean(keys && !keys.includes(Number(button.dataset.grade)) && !keys.includes(button.title));
  }
}
