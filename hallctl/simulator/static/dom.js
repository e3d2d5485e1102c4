// Small tools: make an element, change its text, ask the desk for something.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// Changes an element's text only when it differs, so that selection and screen readers rest.
export function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// The answer, or null when it was refused or nobody answered (which the toast says).
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    toast(said.error);
  } catch {
    toast("桌面没有回话：它可能已经停了。");
  }
  return null;
}

let toasting = 0;
export function toast(words) {
  const place = document.getElementById("toast");
  text(place, words);
  const dialog = document.querySelector("#more[open]");
  (dialog ?? document.body).append(place); // a modal dialog would lie over it
  place.classList.add("shown");
  clearTimeout(toasting);
  toasting = setTimeout(() => place.classList.remove("shown"), 3500);
}
