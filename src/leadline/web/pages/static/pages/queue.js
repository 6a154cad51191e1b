// The queue: the pane follows whichever row has the focus, so that j and k, or Tab, go through the leads.
let waits = 0;

document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".queue [data-row]");
  clearTimeout(waits);
  if (!row || row.querySelector("[aria-current]")) return;
  waits = setTimeout(() => row.querySelector("[data-open]").click(), 120);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.target.closest?.(".queue [data-row]");
  if (!row) return;
  for (const one of document.querySelectorAll(".queue [data-row]")) {
    delete one.dataset.current;
    one.querySelector("[data-open]").removeAttribute("aria-current");
  }
  row.dataset.current = "";
  row.querySelector("[data-open]").setAttribute("aria-current", "true");
});
