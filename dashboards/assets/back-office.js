// Puts each second's piece of the page in its place, and says when none comes any more.
"use strict";

const live = document.querySelector("[data-events]");
const link = document.querySelector("[data-link]");
// The browser mends a broken stream by itself, but not one that was refused.
const AGAIN_MILLISECONDS = 5000;

function say(text, state) {
  if (link.textContent !== text) link.textContent = text;
  link.className = `link ${state}`;
  live.classList.toggle("stale", state === "off");
}

function watch() {
  const events = new EventSource(live.dataset.events);
  events.addEventListener("message", (event) => {
    live.innerHTML = event.data;
    say("실시간", "on");
  });
  events.addEventListener("error", () => {
    say("연결이 끊겼습니다. 다시 잇는 중…", "off");
    if (events.readyState === EventSource.CLOSED) setTimeout(watch, AGAIN_MILLISECONDS);
  });
}

watch();
