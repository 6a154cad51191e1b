// What a page can do more of with JavaScript. Every page works as plain links and forms without this file.
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];
const isTyping = (event) => event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// -- theme: kept in a cookie, so that the server draws the next page in it ------------------------------------
for (const button of findAll("[data-theme-toggle]")) button.hidden = false;

function switchTheme() {
  const root = document.documentElement;
  const wasDark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = wasDark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
}

// -- dialogs, menus, copying ----------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  for (const menu of findAll("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
  const control = event.target.closest("[data-theme-toggle], [data-opens], [data-closes], [data-copies]");
  if (!control) return;
  if (control.matches("[data-theme-toggle]")) switchTheme();
  else if (control.matches("[data-opens]")) { event.preventDefault(); document.getElementById(control.dataset.opens)?.showModal(); }
  else if (control.matches("[data-closes]")) { event.preventDefault(); control.closest("dialog")?.close(); }
  else copy(control);
});

async function copy(control) {
  const source = document.getElementById(control.dataset.copies);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  toast("Copied.");
}

// -- a time zone to choose: the browser's own, until somebody chooses another -------------------------------------
for (const field of findAll("select[data-own-zone]")) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if ([...field.options].some((option) => option.value === timeZone)) field.value = timeZone;
}

// -- keys -------------------------------------------------------------------------------------------------------
// On a list ([data-rows] with [data-row] in it): j and k move, Enter opens, x ticks. Elsewhere: whatever has data-key="j".
function move(step) {
  const rows = findAll("[data-rows] [data-row]");
  if (!rows.length) return false;
  const before = rows.findIndex((row) => "current" in row.dataset);
  const after = Math.max(0, Math.min(rows.length - 1, before + step));
  if (before >= 0) delete rows[before].dataset.current;
  rows[after].dataset.current = "";
  find("[data-open]", rows[after])?.focus({ preventScroll: true });
  rows[after].scrollIntoView({ block: "nearest" });
  return true;
}

function search() {
  const field = find("[data-search]") ?? find("[data-find]");
  if (!field) return;
  if (!field.checkVisibility({ visibilityProperty: true })) location.hash = "side";
  field.focus();
  field.select();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = find("details.drop[open]");
    if (menu) { menu.open = false; find("summary", menu).focus(); }
    else if (location.hash === "#side") location.hash = "main";
    return;
  }
  if (isTyping(event) || event.metaKey || event.ctrlKey || event.altKey || find("dialog[open]")) return;
  if (event.key === "/") { event.preventDefault(); search(); return; }
  if ((event.key === "j" || event.key === "k") && move(event.key === "j" ? 1 : -1)) { event.preventDefault(); return; }
  if (event.key === "x") { find("[data-current] input[type=checkbox]")?.click(); return; }
  find(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// -- toasts: what went wrong with a request in place ------------------------------------------------------------
function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  find("#toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 8000);
}
document.addEventListener("htmx:responseError", (event) => toast(`That did not work (${event.detail.xhr.status}). Nothing was changed.`));
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Nothing was changed."));
