// The queue: the pane follows whichever row has the focus, so that j and k, or Tab, go through the leads; and keys alone do everything.
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];
const row = () => find(".queue [data-row] [aria-current]");
let waits = 0;

document.addEventListener("focusin", (event) => {
  const found = event.target.closest(".queue [data-row]");
  clearTimeout(waits);
  if (!found || find("[aria-current]", found)) return;
  waits = setTimeout(() => { if (!find("[aria-current]", found)) find("[data-open]", found).click(); }, 120); // a tap may be faster
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const found = event.target.closest?.(".queue [data-row]");
  if (!found) return;
  for (const one of findAll(".queue [data-row]")) {
    delete one.dataset.current;
    find("[data-open]", one).removeAttribute("aria-current");
  }
  found.dataset.current = "";
  find("[data-open]", found).setAttribute("aria-current", "true");
});

// On a narrow screen the pane is below the list: a tap on a row leads to it, and a link there leads back.
let isTapped = false;
document.addEventListener("pointerup", (event) => { isTapped = Boolean(event.target.closest(".queue [data-row]")); });
document.addEventListener("keydown", () => { isTapped = false; }, true);
document.addEventListener("htmx:afterSettle", (event) => {
  if (isTapped && event.target.id === "pane" && matchMedia("(max-width: 1080px)").matches) event.target.scrollIntoView();
});

// -- panels of the pane: opened by a key, they have the focus; Esc closes them and gives it back to the row ----------------
document.addEventListener("click", (event) => {
  const details = event.detail === 0 && event.target.closest(".pane summary")?.parentElement;
  if (!details || details.open) return;
  for (const other of findAll(".pane .drop[open]")) other.open = false;
  details.addEventListener("toggle", () => find("input:not([type=hidden]), select, textarea, button", details)?.focus(), { once: true });
});

document.addEventListener("toggle", (event) => {
  if (!event.target.open || !event.target.matches(".pane .drop")) return;
  find(".head", event.target.closest(".pane")).scrollIntoView({ block: "nearest" }); // whom one speaks of stays in sight, where there is room
  find(".panel", event.target).scrollIntoView({ block: "nearest" });
}, true);

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || find("dialog[open]")) return;
  const open = event.target.closest(".pane .drop[open]") ?? find(".pane .drop[open]");
  if (event.key === "Escape" && open) {
    event.stopPropagation();
    open.open = false;
    (row() ?? find("summary", open)).focus({ preventScroll: true });
  } else if (event.target.matches(".refuse input[type=radio]") && event.key.length === 1 && event.key !== " ") {
    event.stopPropagation(); // here a letter goes to the next reason that begins with it
    const reasons = findAll("input[type=radio]", event.target.form);
    const at = reasons.indexOf(event.target) - (event.target.checked ? 0 : 1);
    const begins = (one) => one.parentElement.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase());
    const next = [...reasons.slice(at + 1), ...reasons.slice(0, at + 1)].find(begins);
    if (next) { next.checked = true; next.focus(); }
  } else if (event.key === "u" && !find('[data-key="u"]') && !event.target.closest("input, textarea, select")) {
    tell(find("#undo")?.dataset.nothing);
  } else if (event.key === "Enter" && event.target === row()) {
    event.preventDefault();
    (find("#pane .acts :is(button, summary)") ?? find("#pane")).focus();
  }
}, true);

function tell(text) {
  if (!text) return;
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  find("#toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 8000);
}

// After something was done, one goes on from the row that is shown then.
if (find(".queue[data-acted]")) (row() ?? find("#pane")).focus({ preventScroll: true });
