// A page with one screen, which is started by looking at it. Keys go to its keyboard.
import { post, text } from "./dom.js";
import { Screen, frameOf } from "./screen.js";

const at = (id) => document.getElementById(id);
const name = document.body.dataset.screen;
const screen = new Screen(at("screen"), at("since"), name);
const KEYS = { " ": "space", Enter: "return", Escape: "escape", Backspace: "backspace", Delete: "delete" };

// A key by SDL's name: keys of the numeric block stand in brackets there.
function sdlName(event) {
  if (event.location === KeyboardEvent.DOM_KEY_LOCATION_NUMPAD)
    return event.key === "Enter" ? "enter" : event.key.length === 1 ? `[${event.key}]` : "";
  if (KEYS[event.key]) return KEYS[event.key];
  return event.key.length === 1 || /^F\d+$/.test(event.key) ? event.key.toLowerCase() : "";
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const key = sdlName(event);
  if (!key) return;
  event.preventDefault();
  post(`/api/key/${name}`, { key });
});

// The whole height of the window or the whole width, whichever is less.
new MutationObserver(() => {
  const [wide, high] = at("screen").style.aspectRatio.split("/").map(Number);
  at("screen").style.width = `min(100%, calc((100vh - 70px) * ${wide / high}))`;
}).observe(at("screen"), { attributes: true, attributeFilter: ["style"] });

function connect() {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") screen.tell(JSON.parse(data).screens[name]);
    else {
      const { header, png } = frameOf(data);
      if (header.screen === name) screen.show(header, png);
    }
  };
  socket.onclose = () => {
    text(at("since"), "桌面没有回话");
    setTimeout(connect, 1000);
  };
}

post(`/api/open/${name}`, {});
connect();
