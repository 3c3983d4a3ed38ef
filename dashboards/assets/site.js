// What a page can do beyond its links and forms: suggestions while typing, and "near me".
"use strict";

const WAIT_MILLISECONDS = 120;
const REMEMBERED_MAX = 50;
const RADIUS_KM = "5";
// Four decimals are about ten metres: enough to find a pharmacy, and not a front door.
const DECIMALS = 4;

/** The list under a search box, as WAI-ARIA's combobox has it. The text in the box is never written, only read: a Korean
 * syllable in the making belongs to the input method until it is done. */
function suggest(form) {
  const input = form.querySelector("input[name=q]");
  const list = form.querySelector("[role=listbox]");
  const said = form.querySelector("[role=status]");
  const remembered = new Map();
  let timer, request, active = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  close();

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(index) {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = list.children[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function option(suggestion, index) {
    const item = document.createElement("li");
    item.id = `suggestion-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.address = suggestion.address;
    const text = document.createElement("span");
    for (const piece of suggestion.pieces) {
      const part = document.createElement(piece.marked ? "mark" : "span");
      part.textContent = piece.text;
      text.append(part);
    }
    const label = document.createElement("span");
    label.className = "label";
    label.textContent = suggestion.label;
    item.append(text, label);
    if (suggestion.detail) {
      const detail = document.createElement("small");
      detail.textContent = suggestion.detail;
      item.append(detail);
    }
    return item;
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map(option));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = suggestions.length ? `추천 검색어 ${suggestions.length}개` : "";
    activate(-1);
  }

  async function ask() {
    const words = input.value.trim();
    request?.abort();
    if (!words) return close();
    if (remembered.has(words)) return show(remembered.get(words));
    request = new AbortController();
    try {
      const answer = await fetch(`/suggest?q=${encodeURIComponent(words)}`, { signal: request.signal });
      if (!answer.ok) return close();
      const suggestions = await answer.json();
      if (remembered.size >= REMEMBERED_MAX) remembered.delete(remembered.keys().next().value);
      remembered.set(words, suggestions);
      if (document.activeElement === input && input.value.trim() === words) show(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  // Fires during composition too, so the syllable in the making is asked for as well.
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MILLISECONDS);
  });

  input.addEventListener("keydown", (event) => {
    // The key belongs to the input method; when it also means something to us, it comes again.
    if (event.isComposing || event.keyCode === 229) return;
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape" && count) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" && count) {
      event.preventDefault();
      activate(active + 1 < count ? active + 1 : -1);
    } else if (event.key === "ArrowUp" && count) {
      event.preventDefault();
      activate(active < 0 ? count - 1 : active - 1);
    } else if (event.key === "ArrowDown" && input.value.trim()) {
      event.preventDefault();
      ask();
    } else if (event.key === "Enter" && count && active >= 0) {
      event.preventDefault();
      location.assign(list.children[active].dataset.address);
    }
  });

  input.addEventListener("blur", close);
  // Keeps the focus in the box, so that the list is still there for the click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) location.assign(chosen.dataset.address);
  });
}

/** The buttons that search around where somebody is, keeping what the search box keeps. */
function near(button) {
  if (!navigator.geolocation || !window.isSecureContext) return;
  const said = button.parentElement.querySelector(".near-said") ?? document.querySelector(".near-said");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = "위치를 알아보고 있어요…";
    navigator.geolocation.getCurrentPosition(found, failed, { maximumAge: 60_000, timeout: 10_000 });
  });

  function found({ coords }) {
    const form = document.querySelector("form.search");
    const query = new URLSearchParams(new FormData(form));
    for (const key of ["tab", "topic", "page"]) query.delete(key);
    query.set("lat", coords.latitude.toFixed(DECIMALS));
    query.set("lng", coords.longitude.toFixed(DECIMALS));
    if (!query.has("radius_km")) query.set("radius_km", RADIUS_KM);
    query.set("sort", "distance");
    if (!query.get("q")) query.delete("q");
    location.assign(`/search?${query}`);
  }

  function failed(problem) {
    button.disabled = false;
    said.textContent = problem.code === problem.PERMISSION_DENIED
      ? "위치를 쓸 수 있게 허락해 주세요. 동네 이름을 적어 찾을 수도 있어요."
      : "위치를 알 수 없어요. 동네 이름을 적어 찾아보세요.";
  }
}

document.querySelectorAll("form.search").forEach(suggest);
document.querySelectorAll("[data-near]").forEach(near);
if (window.matchMedia("(min-width: 64rem)").matches) {
  document.querySelectorAll("[data-open-when-wide]").forEach((details) => { details.open = true; });
}
// A page that comes back from the history has the button as it was left.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-near]").forEach((button) => { button.disabled = false; });
  document.querySelectorAll(".near-said").forEach((said) => { said.textContent = ""; });
});
