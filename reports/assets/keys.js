// Keys: / j k [ ] ?
(() => {
  const { form, shown } = page;
  const help = document.createElement("dialog");
  help.className = "help";
  help.setAttribute("aria-label", "Keys");
  const keys = {
    "/": "write into the filter",
    j: "next finding",
    k: "previous finding",
    "]": "open the findings shown",
    "[": "close them",
    "?": "this list",
  };
  const list = document.createElement("dl");
  for (const [key, text] of Object.entries(keys)) {
    const term = document.createElement("dt");
    const named = document.createElement("kbd");
    named.textContent = key;
    term.append(named);
    const meaning = document.createElement("dd");
    meaning.textContent = text;
    list.append(term, meaning);
  }
  const heading = document.createElement("h2");
  heading.textContent = "Keys";
  const note = document.createElement("p");
  note.textContent = 'The filter takes words, -without, "several words", and code:, stage:, table:, severity: before any of them.';
  help.append(heading, list, note, page.button("Close", () => help.close()));
  document.body.append(help);
  const step = (by) => {
    const list = shown().map((finding) => finding.element.querySelector("summary") || finding.element);
    if (!list.length) return;
    const now = list.indexOf(document.activeElement?.closest?.(".finding summary, p.finding"));
    const next = list[Math.min(Math.max(now < 0 && by < 0 ? 0 : now + by, 0), list.length - 1)];
    if (next.tagName === "P") next.tabIndex = -1;
    page.unfold(next.closest(".group"));
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const pressed = {
    "/": () => form?.elements.q.focus(),
    j: () => step(1),
    k: () => step(-1),
    "]": () => page.fold(true),
    "[": () => page.fold(false),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest?.("input:not([type=radio]):not([type=checkbox]), select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (pressed[event.key]) {
      event.preventDefault();
      pressed[event.key]();
    }
  });
})();
