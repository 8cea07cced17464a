// Light or dark as the page around is, not as the system is: JupyterLab, VS Code and marimo say it on the page's body.
// The answer becomes an attribute of the widget itself, because a shadow root hides the page from its stylesheet.

function isDark(media) {
  const { body, documentElement } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  for (const node of [body, documentElement]) {
    const theme = node.dataset.theme ?? node.dataset.vscodeThemeKind ?? "";
    if (theme) return theme.includes("dark") || theme === "vscode-high-contrast";
    if (/(^|\s)(dark|dark-theme|vscode-dark)(\s|$)/.test(node.className)) return true;
    if (/(^|\s)(light|light-theme|vscode-light)(\s|$)/.test(node.className)) return false;
  }
  return media.matches;
}

/** Keeps el's data-theme right; calls `changed` after a change; gives the function that ends it. */
export function followTheme(el, changed) {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const update = () => {
    const theme = isDark(media) ? "dark" : "light";
    if (el.dataset.theme !== theme) {
      el.dataset.theme = theme;
      changed();
    }
  };
  const observer = new MutationObserver(update);
  const options = {
    attributes: true,
    attributeFilter: ["class", "data-theme", "data-jp-theme-light", "data-vscode-theme-kind"],
  };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  media.addEventListener("change", update);
  update();
  return () => {
    observer.disconnect();
    media.removeEventListener("change", update);
  };
}
