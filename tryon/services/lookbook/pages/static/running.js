// The page as the server draws it now, every few seconds while somebody looks; focus stays where it is.
const live = document.querySelector("#live");
const every = Number(live.dataset.every);
const button = document.querySelector("[data-toggle]");
let paused = false;
button.parentElement.hidden = false;
button.addEventListener("click", () => {
  paused = !paused;
  button.textContent = paused ? "Resume updates" : "Pause updates";
});

async function update() {
  if (paused || document.hidden || live.contains(document.activeElement)) return;
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#live");
  if (!answer.ok || !fresh) throw new Error(`${answer.status}`);
  const status = live.querySelector("[role=status]");
  const said = fresh.querySelector("[role=status]");
  // The status is the same element, so that a screen reader hears what changed in it, and nothing else.
  if (status.textContent !== said.textContent) status.textContent = said.textContent;
  said.replaceWith(status);
  live.replaceChildren(...fresh.childNodes);
}

async function forever() {
  for (;;) {
    await new Promise((later) => setTimeout(later, every));
    try {
      await update();
      live.removeAttribute("data-behind");
    } catch {
      live.querySelector("[role=status]").textContent = "The service does not answer; these figures may be old.";
    }
  }
}
forever();
