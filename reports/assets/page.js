// What the scripts below share: the findings and how they are unfolded. Without scripts everything is still readable.
"use strict";
const page = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const findings = [];
  for (const group of all("#findings .group")) {
    const severity = group.closest("[data-severity]").dataset.severity;
    for (const element of group.querySelectorAll(".finding")) {
      findings.push({
        element, severity, code: group.dataset.code, stage: element.dataset.stage, table: element.dataset.table || "",
        words: "",
      });
    }
  }
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
  const button = (label, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", () => action(made));
    return made;
  };
  return { all, findings, shown, unfold, fold, button, form: document.getElementById("filter") };
})();

// The switch of the colours: kept for the next report, where the browser keeps anything for a file.
(() => {
  const choice = document.getElementById("theme");
  const root = document.documentElement;
  choice.hidden = false;
  for (const option of page.all("input", choice)) {
    option.checked = option.value === (root.dataset.theme || "auto");
    option.addEventListener("change", () => {
      if (option.value === "auto") delete root.dataset.theme;
      else root.dataset.theme = option.value;
      try {
        localStorage.setItem("pgparity-theme", option.value);
      } catch {
        // It then holds for this page alone.
      }
    });
  }
})();

// Print: everything is open on paper. Where the style sheet cannot do it, the script does.
if (!CSS.supports("selector(::details-content)")) {
  addEventListener("beforeprint", () => { for (const element of page.all("details")) element.open = true; });
}
