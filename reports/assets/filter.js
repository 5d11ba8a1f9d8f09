// The filter. Its state is the address's fragment (#severity=blocker&q=...), so that a view can be sent to somebody; an
// anchor of a finding never holds "=".
(() => {
  const { all, findings, form } = page;
  const groups = all("#findings .group, #findings .severity");
  const fields = ["stage", "table", "code"];

  // Words that a finding holds, -words that it does not, "several words", and both of one field alone: -code:COL001
  const terms = (text) =>
    [...text.toLowerCase().matchAll(/(-?)(?:(code|stage|table|severity):)?(?:"([^"]*)"|(\S+))/g)]
      .map(([, not, field, quoted, word]) => ({ not: not === "-", field, text: quoted ?? word }))
      .filter((term) => term.text && term.text !== "-");
  const holds = (finding, term) => {
    if (term.field) return finding[term.field].toLowerCase().includes(term.text);
    finding.words ||= finding.element.textContent.toLowerCase();
    return finding.words.includes(term.text);
  };

  const state = () => {
    const data = new FormData(form);
    const wanted = new URLSearchParams();
    const ticks = all("[name=severity]", form);
    const ticked = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
    if (ticked.length < ticks.length) wanted.set("severity", ticked.join(","));
    for (const name of [...fields, "q"]) if (data.get(name)) wanted.set(name, data.get(name));
    return wanted;
  };
  const restore = (wanted) => {
    const severities = wanted.has("severity") ? wanted.get("severity").split(",") : null;
    for (const tick of all("[name=severity]", form)) tick.checked = !severities || severities.includes(tick.value);
    for (const name of [...fields, "q"]) form.elements[name].value = wanted.get(name) || "";
  };
  const apply = () => {
    const wanted = state();
    const severities = wanted.has("severity") ? new Set(wanted.get("severity").split(",")) : null;
    const asked = terms(wanted.get("q") || "");
    let count = 0;
    for (const finding of findings) {
      const matches =
        (!severities || severities.has(finding.severity)) &&
        fields.every((name) => !wanted.has(name) || wanted.get(name) === finding[name]) &&
        asked.every((term) => holds(finding, term) !== term.not);
      if (finding.element.hidden === matches) finding.element.hidden = !matches;
      if (matches) count += 1;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".finding:not([hidden])");
      if (wanted.size && !group.hidden) group.open = true;
    }
    document.querySelector("#findings .nothing").hidden = count > 0;
    const output = form.querySelector("output");
    output.textContent = `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings`;
    return wanted;
  };
  const remember = () => {
    const fragment = apply().toString();
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  };
  const follow = () => {
    let fragment = location.hash.slice(1);
    if (form && fragment.includes("=")) {
      restore(new URLSearchParams(fragment));
      apply();
      return;
    }
    try {
      fragment = decodeURIComponent(fragment);
    } catch {
      // Not an address of ours: it is looked for as it stands.
    }
    const target = fragment && document.getElementById(fragment);
    if (!target) return;
    if (target.hidden && form) {
      restore(new URLSearchParams());
      apply();
    }
    page.unfold(target);
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
      open: () => page.fold(true),
      close: () => page.fold(false),
    };
    form.addEventListener("click", (event) => actions[event.target.dataset.do]?.());
    apply();
    for (const link of all("#tables a[data-table]")) {
      if (all("[name=table] option", form).some((option) => option.value === link.dataset.table)) {
        link.href = `#${new URLSearchParams({ table: link.dataset.table })}`;
        link.addEventListener("click", () => document.getElementById("findings").scrollIntoView());
      }
    }
    // Of a code: its findings alone, or all but these.
    for (const group of all("#findings .group")) {
      const { code } = group.dataset;
      const narrow = document.createElement("span");
      narrow.className = "narrow";
      narrow.append(
        page.button("Only these", () => { form.elements.code.value = code; remember(); }),
        page.button("Hide these", () => {
          const asked = form.elements.q.value.trim();
          form.elements.q.value = `${asked} -code:${code}`.trim();
          remember();
        }),
      );
      group.querySelector("p").append(" ", narrow);
    }
  }
  addEventListener("hashchange", follow);
  follow();
})();
