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

export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) toast((await answer.json()).error);
  } catch {
    toast("桌面没有回话：它可能已经停了。");
  }
}

let toasting = 0;
function toast(words) {
  text(document.getElementById("toast"), words);
  document.getElementById("toast").classList.add("shown");
  clearTimeout(toasting);
  toasting = setTimeout(() => document.getElementById("toast").classList.remove("shown"), 3500);
}
