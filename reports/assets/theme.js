// Before the page is drawn: the colours that a reader chose last time. Without a choice the system's are taken.
(() => {
  "use strict";
  try {
    const chosen = localStorage.getItem("pgparity-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden: the page then follows the system.
  }
})();
