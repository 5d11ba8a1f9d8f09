// Copying: a statement, all statements of a plan, a finding or all that are shown as SQL, TSV or Markdown.
(() => {
  const { all, button } = page;
  const copy = async (text, pressed) => {
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
    const label = pressed.dataset.label ||= pressed.textContent;
    pressed.textContent = "Copied";
    setTimeout(() => { pressed.textContent = label; }, 1500);
  };

  // A finding as the page shows it.
  const line = (text) => text.replace(/\s+/g, " ").trim();
  const text = (element) => (element ? line(element.textContent) : "");
  // Values keep their blanks, for two may differ in nothing else: only what would end a cell or a row becomes a blank.
  const flat = (text) => text.replace(/\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/g, " ");
  const value = (element) => flat(element.textContent);
  const read = ({ element, severity, code, stage, table }) => ({
    severity, code, stage, table,
    kind: text(element.querySelector(".about .kind")),
    object: text(element.querySelector(".about code")),
    title: text(element.querySelector(".title")),
    sides: all(".sides tbody tr:not(.remark)", element).map((row) => [...row.cells].map(value)),
    facts: all(".facts > div", element).map((fact) => [...fact.children].map(value)),
    breaks: all(".breaks > li", element).map(text),
    fix: text(element.querySelector(".fix")),
    statements: all("pre.sql", element).map((block) => ({ what: block.getAttribute("aria-label"), sql: block.textContent })),
    hidden: all("pre.hidden-characters", element).length,
    blotted: all("pre.not-whole", element).length,
  });
  const ended = (sql) => sql.trim().replace(/;?$/, ";");

  // A spreadsheet takes what begins with these for a formula: an apostrophe before it makes it a text. What holds a quote
  // is quoted: a cell that begins with one would go on into the next cells.
  const cell = (text) => {
    const harmless = flat(text).replace(/^\s*[=+@-](?![\d.]+$)/, "'$&");
    return harmless.includes('"') ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const columns = ["severity", "code", "stage", "table", "object", "title", "evidence", "source", "target"];
  const asTsv = (found) => [
    columns.join("\t"),
    ...found.flatMap((each) => {
      const head = [each.severity, each.code, each.stage, each.table, each.object, each.title];
      const rows = [...each.sides, ...each.facts.map(([label, what]) => [label, what, ""])];
      return (rows.length ? rows : [["", "", ""]]).map((row) => [...head, ...row].map(cell).join("\t"));
    }),
  ].join("\n") + "\n";

  const prose = (value) => value.replace(/[\\`*_[\]<>|~$&@#]/g, "\\$&");
  const span = (value, edge = "`") => {
    if (!value) return "";
    while (value.includes(edge)) edge += "`";
    const pad = /^`|`$|^ .* $/.test(value) ? " " : "";
    return edge + pad + value.replace(/\|/g, "\\|") + pad + edge;
  };
  const block = (sql) => {
    let fence = "```";
    while (sql.includes(fence)) fence += "`";
    return `${fence}sql\n${sql}\n${fence}`;
  };
  const asMarkdown = (found) => found.map((each) => [
    `### ${each.code} ${prose(each.title)}`,
    [each.severity, `stage ${prose(each.stage)}`, each.object && `${prose(each.kind)} ${span(each.object)}`].filter(Boolean).join(", "),
    each.sides.length && [
      "| evidence | source | target |", "| --- | --- | --- |",
      ...each.sides.map(([label, source, target]) => `| ${prose(label)} | ${span(source)} | ${span(target)} |`),
    ].join("\n"),
    each.facts.map(([label, what]) => `- ${prose(label)}: ${prose(what)}`).join("\n"),
    each.breaks.length && ["What breaks:", "", ...each.breaks.map((what) => `- ${prose(what)}`)].join("\n"),
    each.fix && `Fix: ${prose(each.fix)}`,
    ...each.statements.map(({ what, sql }) => `${prose(what)}:\n\n${block(sql)}`),
  ].filter(Boolean).join("\n\n")).join("\n\n") + "\n";

  const asSql = (found) => found.filter((each) => each.statements.length || each.hidden || each.blotted).map((each) => [
    `-- ${each.code} ${each.title}`,
    each.fix && `-- ${each.fix}`,
    ...each.statements.map(({ what, sql }) => `-- ${what}\n${ended(sql)}`),
    each.hidden && "-- A statement with characters that cannot be seen is left out: take it from the run document.",
    each.blotted && "-- A statement is left out, for what looks like a password or a key was taken out of it: `pgparity schema align` writes it whole.",
  ].filter(Boolean).join("\n")).join("\n\n") + "\n";

  const formats = { SQL: asSql, TSV: asTsv, Markdown: asMarkdown };
  const buttons = (label, found, names = Object.keys(formats)) => {
    const row = document.createElement("div");
    row.className = "copies";
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", label);
    const told = document.createElement("span");
    told.className = "quiet";
    told.textContent = label;
    row.append(told, ...names.map((name) => button(name, (made) => copy(formats[name](found().map(read)), made))));
    return row;
  };

  // Buttons are made when what they belong to is first seen, for a page may hold thousands of statements.
  const equip = (root) => {
    for (const statement of all("pre.sql:not(.copying > pre)", root)) {
      if (statement.closest("details:not([open])")) continue;
      const frame = document.createElement("div");
      frame.className = "copying";
      statement.replaceWith(frame);
      frame.append(statement, button("Copy", (made) => copy(statement.textContent, made)));
    }
    for (const body of all("details.finding[open] > .body:not(.equipped)", root.parentElement || root)) {
      if (body.closest("details.group:not([open])")) continue;
      body.classList.add("equipped");
      const finding = page.findings.find(({ element }) => element === body.parentElement);
      const names = body.querySelector("pre.sql") ? undefined : ["TSV", "Markdown"];
      body.append(buttons("Copy this finding as", () => [finding], names));
    }
    for (const steps of all("details.steps[open]:not(.equipped)", root.parentElement || root)) {
      steps.classList.add("equipped");
      const statements = all("pre.sql", steps);
      if (statements.length > 1 && !steps.querySelector(".hidden-characters, .not-whole, .cut")) {
        const script = () => statements.map((statement) => ended(statement.textContent)).join("\n\n");
        steps.querySelector("summary").after(button("Copy all statements", (made) => copy(script(), made)));
      }
    }
  };
  equip(document.body);
  document.addEventListener("toggle", (event) => { if (event.target.open) equip(event.target); }, true);
  page.form?.append(buttons("Copy the findings shown as", page.shown));
})();
