// The report's conveniences: filter kept in the address, copy buttons, keys. Without it everything is still readable.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.getElementById("filter");
  const findings = all(".finding").map((element) => ({
    element,
    severity: element.closest("[data-severity]").dataset.severity,
    code: element.closest("[data-code]").dataset.code,
    stage: element.dataset.stage,
    table: element.dataset.table || "",
    words: "",
  }));
  const groups = all("#findings .group, #findings .severity");
  const shown = () => findings.filter((finding) => !finding.element.hidden);
  const unfold = (element) => {
    for (let outer = element; outer; outer = outer.parentElement) if (outer.tagName === "DETAILS") outer.open = true;
  };
  const fold = (open) => {
    for (const { element } of shown()) {
      element.open = open;
      if (open) unfold(element);
    }
  };

  // Filter. The state is the address's fragment (#severity=blocker&q=...), so that a view can be sent to somebody;
  // an anchor of a finding never holds "=".
  const state = () => {
    const data = new FormData(form);
    const wanted = new URLSearchParams();
    const ticks = all("[name=severity]", form);
    const ticked = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
    if (ticked.length < ticks.length) wanted.set("severity", ticked.join(","));
    for (const name of ["stage", "table", "code", "q"]) if (data.get(name)) wanted.set(name, data.get(name));
    return wanted;
  };
  const restore = (wanted) => {
    const severities = wanted.has("severity") ? wanted.get("severity").split(",") : null;
    for (const tick of all("[name=severity]", form)) tick.checked = !severities || severities.includes(tick.value);
    for (const name of ["stage", "table", "code", "q"]) form.elements[name].value = wanted.get(name) || "";
  };
  const apply = () => {
    const wanted = state();
    const severities = wanted.has("severity") ? new Set(wanted.get("severity").split(",")) : null;
    const words = (wanted.get("q") || "").toLowerCase().split(/\s+/).filter((word) => word && word !== "-");
    let count = 0;
    for (const finding of findings) {
      if (words.length && !finding.words) finding.words = finding.element.textContent.toLowerCase();
      const matches =
        (!severities || severities.has(finding.severity)) &&
        ["stage", "table", "code"].every((name) => !wanted.has(name) || wanted.get(name) === finding[name]) &&
        words.every((word) =>
          word.startsWith("-") ? !finding.words.includes(word.slice(1)) : finding.words.includes(word));
      finding.element.hidden = !matches;
      if (matches) count += 1;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".finding:not([hidden])");
      if (wanted.size && !group.hidden) group.open = true;
    }
    document.querySelector("#findings .nothing").hidden = count > 0;
    form.querySelector("output").textContent = `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings`;
    return wanted;
  };
  const remember = () => {
    const fragment = apply().toString();
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  };
  const follow = () => {
    const fragment = decodeURIComponent(location.hash.slice(1));
    if (form && fragment.includes("=")) {
      restore(new URLSearchParams(location.hash.slice(1)));
      apply();
      return;
    }
    const target = fragment && document.getElementById(fragment);
    if (!target) return;
    if (target.hidden && form) {
      restore(new URLSearchParams());
      apply();
    }
    unfold(target);
    target.scrollIntoView({ behavior: "instant", block: "start" });
  };
  if (form) {
    form.hidden = false;
    let waiting = 0;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(remember, 120);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    const actions = {
      clear: () => { restore(new URLSearchParams()); remember(); },
      open: () => fold(true),
      close: () => fold(false),
    };
    form.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
    apply();
    for (const link of all("#tables a[data-table]")) {
      if (all("[name=table] option", form).some((option) => option.value === link.dataset.table)) {
        link.href = `#${new URLSearchParams({ table: link.dataset.table })}`;
        link.addEventListener("click", () => document.getElementById("findings").scrollIntoView());
      }
    }
  }
  addEventListener("hashchange", follow);
  follow();

  // Copy buttons: made when what they belong to is first seen, for a page may hold thousands of statements.
  const copy = async (text, button) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  };
  const button = (label, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => action(made));
    return made;
  };
  const equip = (root) => {
    for (const block of all("pre.sql:not(.copying > pre)", root)) {
      if (block.closest("details:not([open])")) continue;
      const frame = document.createElement("div");
      frame.className = "copying";
      block.replaceWith(frame);
      frame.append(block, button("Copy", (made) => copy(block.textContent, made)));
    }
    for (const steps of all("details.steps[open]:not(.equipped)", root.parentElement || root)) {
      steps.classList.add("equipped");
      const statements = all("pre.sql", steps);
      if (statements.length > 1 && !steps.querySelector(".hidden-characters, .cut")) {
        const text = () => statements.map((block) => block.textContent.trim().replace(/;?$/, ";")).join("\n\n");
        steps.querySelector("summary").after(button("Copy all statements", (made) => copy(text(), made)));
      }
    }
  };
  equip(document.body);
  document.addEventListener("toggle", (event) => { if (event.target.open) equip(event.target); }, true);

  // Print: everything is open on paper. Where the style sheet cannot do it, the script does.
  if (!CSS.supports("selector(::details-content)")) {
    addEventListener("beforeprint", () => { for (const element of all("details")) element.open = true; });
  }

  // Keys.
  const help = document.createElement("dialog");
  help.className = "help";
  help.setAttribute("aria-label", "Keys");
  const keys = { "/": "write into the filter", j: "next finding", k: "previous finding", "]": "open the findings shown", "[": "close them", "?": "this list" };
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
  help.append(heading, list, button("Close", () => help.close()));
  document.body.append(help);
  const step = (by) => {
    const list = shown().map((finding) => finding.element.querySelector("summary") || finding.element);
    if (!list.length) return;
    const now = list.indexOf(document.activeElement?.closest?.(".finding summary, p.finding"));
    const next = list[Math.min(Math.max(now < 0 && by < 0 ? 0 : now + by, 0), list.length - 1)];
    if (next.tagName === "P") next.tabIndex = -1;
    unfold(next.closest(".group"));
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const pressed = {
    "/": () => form?.elements.q.focus(),
    j: () => step(1),
    k: () => step(-1),
    "]": () => fold(true),
    "[": () => fold(false),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest?.("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (pressed[event.key]) {
      event.preventDefault();
      pressed[event.key]();
    }
  });
})();
