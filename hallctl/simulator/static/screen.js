// A screen's own picture, with fingers on it.
import { make, post, text } from "./dom.js";

// A frame as it comes over the websocket: u32 header length, JSON header, PNG.
export function frameOf(data) {
  const length = new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  return { header, png: data.slice(4 + length) };
}

export class Screen {
  constructor(tile, since, screen) {
    this.screen = screen;
    this.tile = tile;
    this.since = since;
    this.url = "";
    this.picture = make("img", { alt: "", draggable: "false" });
    this.words = make("div", { class: "stopped" }, "还没有画面");
    this.tile.append(this.picture, this.words);
    this.tile.classList.add("empty", "touchable");
    this.picture.style.visibility = "hidden";
    this.picture.addEventListener("pointerdown", (event) => this.finger(event, "down"));
    this.picture.addEventListener("pointerup", (event) => this.finger(event, "up"));
    this.picture.addEventListener("pointercancel", (event) => this.finger(event, "up"));
  }

  finger(event, phase) {
    if (event.button > 0) return;
    event.preventDefault();
    if (phase === "down") this.picture.setPointerCapture(event.pointerId);
    const box = this.picture.getBoundingClientRect();
    const part = (value, from, size) => Math.min(1, Math.max(0, (value - from) / size));
    const [x, y] = [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
    if (phase === "down") {
      const ripple = make("span", { class: "ripple" });
      Object.assign(ripple.style, { left: `${x * 100}%`, top: `${y * 100}%` });
      this.tile.append(ripple);
      setTimeout(() => ripple.remove(), 500);
    }
    post(`/api/touch/${this.screen}`, { phase, x, y });
  }

  show(header, png) {
    const old = this.url;
    this.url = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    this.picture.onload = () => { if (old) URL.revokeObjectURL(old); };
    this.picture.src = this.url;
    this.picture.style.visibility = "";
    this.picture.dataset.sha256 = header.sha256;
    this.tile.classList.remove("empty");
    this.tile.style.aspectRatio = `${header.width} / ${header.height}`;
  }

  tell(known) {
    const stale = Boolean(known?.stale);
    this.tile.classList.toggle("stale", stale);
    if (stale) text(this.words, `画面停在 ${known.heard}`);
    text(this.since, stale ? `画面停在 ${known.heard}` : known ? "实时画面" : "");
    this.since.classList.toggle("bad", stale);
  }
}
