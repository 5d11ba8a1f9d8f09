// Asks for what changes and puts in what did: no flicker, nothing that a reader opened is closed, none of it is spoken.
(() => {
  "use strict";
  const now = document.getElementById("now");
  const bar = document.getElementById("freshness");
  const fresh = document.getElementById("fresh");
  const every = Number(bar.dataset.every) * 1000;
  // Without a name and a password, which the address of the page may hold and no request may.
  const address = new URL("now", location.origin + location.pathname);
  let paused = false;
  let late = false;

  const exchange = (text) => {
    const found = document.createElement("template");
    found.innerHTML = text;
    for (const section of [...found.content.children]) {
      const shown = document.getElementById(section.id);
      if (!shown) {
        now.append(section);
        continue;
      }
      for (const open of shown.querySelectorAll("details[open][id]")) {
        const same = section.querySelector(`#${CSS.escape(open.id)}`);
        if (same) same.open = true;
      }
      if (shown.isEqualNode(section)) continue;
      const focused = shown.contains(document.activeElement) ? document.activeElement : null;
      const label = focused && (focused.id || focused.getAttribute("aria-label") || focused.getAttribute("href"));
      const aside = [...shown.querySelectorAll(".scroll")].map((element) => element.scrollLeft);
      shown.replaceWith(section);
      [...section.querySelectorAll(".scroll")].forEach((element, place) => { element.scrollLeft = aside[place] || 0; });
      if (label) {
        const again = [...section.querySelectorAll("[id], [aria-label], [href]")].find((element) =>
          label === (element.id || element.getAttribute("aria-label") || element.getAttribute("href")));
        if (again) again.focus({ preventScroll: true });
      }
    }
  };

  const tell = (text, isLate) => {
    if (fresh.textContent !== text) fresh.textContent = text;
    fresh.classList.toggle("late", isLate);
    late = isLate;
  };

  const usual = () => tell(paused ? "Paused." : `Updates itself every ${bar.dataset.every} s.`, false);

  const ask = async () => {
    if (paused || (document.hidden && !late)) return;
    try {
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(15000) });
      if (!answer.ok) throw new Error(String(answer.status));
      exchange(await answer.text());
      usual();
    } catch {
      tell("Not updated: pgparity serve does not answer. What is shown is old.", true);
    }
  };

  const again = async () => {
    await ask();
    setTimeout(again, every);
  };

  bar.append(page.button("Pause", (button) => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    usual();
    if (!paused) ask();
  }));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  usual();
  setTimeout(again, every);
})();
