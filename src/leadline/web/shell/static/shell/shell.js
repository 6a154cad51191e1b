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
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-ticks]");
  if (all) for (const box of findAll(`input[name="${all.dataset.ticks}"]`)) box.checked = all.checked;
  sayTicked();
});
// How many boxes of a name are ticked, where [data-ticked] names it: in place of what stands there without this file.
function sayTicked() {
  for (const said of findAll("[data-ticked]")) {
    const boxes = findAll(`input[name="${said.dataset.ticked}"]:checked`);
    said.textContent = boxes.length ? `With the ${boxes.length} ticked` : "With the ticked";
  }
}
function unhide() {
  for (const box of findAll("[data-ticks]")) box.hidden = false;
  sayTicked();
}
unhide();
document.addEventListener("htmx:afterSettle", unhide);
addEventListener("pageshow", sayTicked); // going back, a browser ticks again what was ticked

document.addEventListener("click", (event) => {
  for (const menu of findAll("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
  const control = event.target.closest("[data-theme-toggle], [data-opens], [data-closes], [data-copies]");
  if (!control) return;
  if (control.matches("[data-theme-toggle]")) switchTheme();
  else if (control.matches("[data-opens]")) { event.preventDefault(); open(control.dataset.opens); }
  else if (control.matches("[data-closes]")) { event.preventDefault(); control.closest("dialog")?.close(); }
  else copy(control);
});

// A dialog, and in the palette at first where one may go.
function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (id === "palette") { const field = find("input", dialog); field.select(); field.form.dispatchEvent(new Event("palette")); }
}

// In the palette: arrows go through what was found, Enter in the field opens the first of it. Who types and presses Enter at once
// waits for what is typed, not for what was found before; and whoever is among the hits stays on theirs when they are found anew.
const palette = find("#palette");
let foundFor, opensFirst, hitBefore;
const sought = () => find("#palette-q").value;
const seekOnPage = () => find("#palette-q").form.submit(); // where nothing was found, or no answer came
const openFirst = () => { const hit = find("#palette [data-hit]"); if (hit) hit.click(); else seekOnPage(); };

palette?.addEventListener("keydown", (event) => {
  const field = find("#palette-q");
  const stops = [field, ...findAll("#palette [data-hit]")];
  const at = stops.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    opensFirst = undefined;
    stops[(at + (event.key === "ArrowDown" ? 1 : stops.length - 1)) % stops.length].focus();
  } else if (event.key === "Enter" && at === 0) {
    event.preventDefault();
    if (foundFor === sought()) openFirst();
    else opensFirst = sought();
  }
});
palette?.addEventListener("htmx:beforeSwap", () => { hitBefore = document.activeElement.closest("#palette [data-hit]")?.href; });
palette?.addEventListener("htmx:afterSwap", (event) => {
  foundFor = event.detail.requestConfig.parameters.q;
  if (hitBefore) (findAll("#palette [data-hit]").find((one) => one.href === hitBefore) ?? find("#palette-q")).focus();
  if (opensFirst === foundFor && foundFor === sought()) openFirst();
});
for (const moved of ["input", "close"]) palette?.addEventListener(moved, () => { opensFirst = undefined; });
for (const failed of ["htmx:responseError", "htmx:sendError"]) palette?.addEventListener(failed, () => {
  find("#palette-results").replaceChildren();
  foundFor = sought();
  if (opensFirst === foundFor) openFirst();
});
palette?.addEventListener("click", (event) => { if (event.target === event.currentTarget) event.currentTarget.close(); });

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

function filter() {
  const field = find("[data-search]");
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

// What the keys do on this page as it is now: what cannot be done is not listed.
function showKeys() {
  const rows = find("[data-rows] [data-row]");
  const said = [
    rows && [["j", "k"], "Next, previous"],
    rows && find("[data-rows] [data-open]") && [["Enter"], "Open"],
    rows && find("[data-rows] input[type=checkbox]") && [["x"], "Select"],
    find("[data-search]") && [["f"], "Search in this list"],
    ...findAll("[data-key]").map((one) => [[one.dataset.key], (one.ariaLabel ?? one.textContent).trim()]),
    find("#palette") && [["/"], "Search everything"],
    [["?"], "These keys"],
    [["Esc"], "Close what is open"],
  ].filter(Boolean);
  find("#keys dl").replaceChildren(...said.map(([keys, does]) => {
    const line = document.createElement("div");
    const [term, text] = ["dt", "dd"].map((name) => line.appendChild(document.createElement(name)));
    for (const key of keys) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    text.textContent = does;
    return line;
  }));
  open("keys");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = find("details.drop[open]");
    if (menu) { menu.open = false; find("summary", menu).focus(); }
    else if (location.hash === "#side") location.hash = "main";
    return;
  }
  if (isTyping(event) || event.metaKey || event.ctrlKey || event.altKey || find("dialog[open]")) return;
  if (event.key === "/") { event.preventDefault(); open("palette"); return; }
  if (event.key === "?") { event.preventDefault(); showKeys(); return; }
  if (event.key === "f" && filter()) { event.preventDefault(); return; }
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
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  toast(status === 409 ? "You have turned to another workspace since this page was opened. Nothing was changed." : `That did not work (${status}). Nothing was changed.`);
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Nothing was changed."));
