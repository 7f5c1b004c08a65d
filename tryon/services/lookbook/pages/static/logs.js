// Steps as they happen. The browser connects again by itself and says where it was, so none is lost or doubled.
const list = document.querySelector("[data-stream]");
const controls = document.querySelector("[data-controls]");
const live = document.querySelector("[data-live]");
const pause = document.querySelector("[data-pause]");
const MOST = 500;
const waiting = [];
let last = Number(list.querySelector("[data-position]")?.dataset.position ?? 0);

function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function seconds(value) {
  if (value < 0.01) return "0 s";
  return value < 10 ? `${value.toFixed(2)} s` : `${Math.round(value)} s`;
}

function line(position, event) {
  const made = document.createElement("li");
  made.className = event.event;
  made.dataset.position = position;
  const time = element("time", "", `${event.timestamp.slice(0, 10)} ${event.timestamp.slice(11, 19)}`);
  time.dateTime = event.timestamp;
  const said = element("span", "said", "");
  said.append(element("span", "component", event.component), ` ${event.message}`);
  if (event.duration_ms !== null) said.append(" ", element("span", "took", seconds(event.duration_ms / 1000)));
  made.append(time, " ", element("span", "event", event.event), " ", said);
  return made;
}

function add(made) {
  document.querySelector("[data-empty]")?.remove();
  list.prepend(made);
  while (list.children.length > MOST) list.lastElementChild.remove();
}

controls.hidden = false;
let paused = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (!paused) for (const made of waiting.splice(0)) add(made);
  live.textContent = paused ? "Paused" : "Live";
});

const source = new EventSource(list.dataset.stream);
source.addEventListener("open", () => { if (!paused) live.textContent = "Live"; });
source.addEventListener("error", () => { live.textContent = "Connecting again"; });
source.addEventListener("message", heard);
// Said by the service: the log is away for a while, or the person is gone for good.
source.addEventListener("away", (message) => { live.textContent = JSON.parse(message.data).message; });
source.addEventListener("gone", (message) => {
  live.textContent = JSON.parse(message.data).message;
  source.close();
});
addEventListener("pagehide", () => source.close());

function heard(message) {
  const position = Number(message.lastEventId);
  if (position <= last) return;
  last = position;
  const made = line(position, JSON.parse(message.data));
  if (paused) waiting.push(made);
  else add(made);
}
