// Writing a draft: line numbers, lines with problems marked, jumping to one, saving by key, a question before what was typed is lost.
const form = document.querySelector("#draft");
const numbered = new Map();

function number(field) {
  const frame = document.createElement("div");
  const gutter = document.createElement("pre");
  frame.className = "numbered";
  gutter.setAttribute("aria-hidden", "true");
  field.replaceWith(frame);
  frame.append(gutter, field);
  field.addEventListener("scroll", () => { gutter.scrollTop = field.scrollTop; });
  new ResizeObserver(() => { gutter.style.height = `${field.offsetHeight}px`; gutter.scrollTop = field.scrollTop; }).observe(field);
  numbered.set(field.id, { field, gutter, said: "" });
}

function draw(one) {
  const bad = new Set([...document.querySelectorAll(`#checked [data-in="${one.field.id}"]`)].map((link) => Number(link.dataset.line)));
  const lines = one.field.value.split("\n").length;
  const said = `${lines} ${[...bad]}`;
  if (said === one.said) return;
  one.said = said;
  one.gutter.replaceChildren();
  for (let line = 1; line <= lines; line += 1) {
    if (bad.has(line)) { const mark = document.createElement("b"); mark.textContent = line; one.gutter.append(mark, "\n"); }
    else one.gutter.append(`${line}\n`);
  }
  one.gutter.scrollTop = one.field.scrollTop;
}

function goTo(field, line) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  const height = Number.parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, (line - 4) * height);
}

if (form) {
  const state = form.querySelector("[data-state]");
  let isUnsaved = "unsaved" in form.dataset;
  const drawAll = () => { for (const one of numbered.values()) draw(one); };
  for (const field of form.querySelectorAll("textarea[data-numbered]")) number(field);
  drawAll();
  const asked = numbered.get(location.hash.slice(1)), line = Number(new URLSearchParams(location.search).get("line"));
  if (asked && line) goTo(asked.field, line);
  form.addEventListener("input", (event) => {
    isUnsaved = true;
    state.textContent = "Not saved yet";
    const one = numbered.get(event.target.id);
    if (one) draw(one);
  });
  form.addEventListener("submit", () => { isUnsaved = false; });
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    const one = link && numbered.get(link.dataset.in);
    if (one) { event.preventDefault(); goTo(one.field, Number(link.dataset.line)); }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(form.querySelector("[type=submit]")); }
  });
  addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });
}
