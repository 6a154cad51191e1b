// Leadline's snippet: tells a website's own Leadline of page views, downloads, outbound links and marked forms.
// docs/snippet-and-forms.md says how to use it. It is served without comments and spare white space, in under 3 kB
// (snippet.py); tests/web/capture/forms drives it in a browser. No dependency, no eval, no cookie.
(() => {
  const script = document.currentScript;
  const here = location;
  const { key, consent } = script.dataset;
  const api = new URL("/v1/b", script.src);

  // Whoever asks by their browser not to be tracked is not: nothing is stored or sent, whatever the page says.
  const refuses = navigator.globalPrivacyControl || navigator.doNotTrack > 0;
  const newId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
  const stored = (method, value) => {
    try {
      return localStorage[method]("leadline.id", value);
    } catch {}
  };

  // A page that waits for consent stores and sends nothing before: what happens is held in memory, and goes with the page.
  // A stored id is the trace of an earlier consent.
  let id = !refuses && stored("getItem");
  let agreed = !refuses && (consent !== "wait" || id);
  let held = [];

  const flush = () => {
    if (!agreed || !held[0]) return;
    if (!id) stored("setItem", (id = newId()));
    const batch = held.map((one) => ({ ...one, anonymousId: id }));
    const body = JSON.stringify({ writeKey: key, sentAt: new Date(), batch });
    navigator.sendBeacon(api, body) || fetch(api, { method: "POST", body, keepalive: true }).catch(() => {});
    held = [];
  };

  const say = (...said) => {
    // Of the address only the path and what says where somebody came from: other parts of a query may be private.
    const query = new URLSearchParams(here.search);
    for (const name of [...query.keys()]) /^utm_|c(lk?)?id$|braid$|fat_id$|epik/i.test(name) || query.delete(name);
    const context = {
      userAgent: navigator.userAgent,
      page: {
        path: here.pathname,
        url: here.origin + here.pathname + (`${query}` && "?" + query),
        title: document.title,
        referrer: document.referrer.split("?")[0],
      },
    };
    for (const one of said) held.push({ messageId: newId(), timestamp: new Date(), context, ...one });
    held = held.slice(-50);
    flush();
  };

  const track = (event, properties) => say({ type: "track", event, properties });
  const calls = {
    track,
    page: () => say({ type: "page", properties: { path: here.pathname } }),
    identify: (traits, more) => say({ type: "identify", traits, ...more }),
    consent(yes) {
      agreed = yes && !refuses;
      flush();
      if (!yes) {
        stored("removeItem");
        id = "";
        held = [];
      }
    },
  };

  // A click on a link to a file is a download; to another site, a way out.
  for (const click of ["click", "auxclick"]) {
    addEventListener(click, ({ target, button }) => {
      const link = target.closest?.("a[href]");
      if (!link?.host || button > 1) return;
      const url = link.origin + link.pathname;
      if (link.download || /\.(pdf|docx?|xlsx?|pptx?|od.|csv|zip|mp.|dmg)$/i.test(link.pathname)) {
        track("file_downloaded", { url, asset: link.pathname.replace(/.*\/|\.\w+$/g, "") });
      } else if (link.host !== here.host) track("link_clicked", { url });
    }, true);
  }

  // <form data-leadline-form="demo_requested">: what was typed, but nothing secret, hidden or marked to be ignored.
  addEventListener("submit", ({ target: form }) => {
    const event = form.dataset.leadlineForm;
    if (!event) return;
    const answers = new FormData(form);
    for (const field of form.elements) {
      const secret = "[type=password],[type=hidden],[type=file],[autocomplete^=cc-],[autocomplete*=password],[autocomplete^=one-time]";
      if (field.matches(secret) || field.closest("[data-leadline-ignore]")) answers.delete(field.name);
    }
    const traits = {};
    for (const [name, value] of answers) {
      if (value) traits[name] = traits[name] ? [].concat(traits[name], value) : value;
    }
    say({ type: "identify", traits }, { type: "track", event, properties: { form: form.id } });
  }, true);

  // Single-page sites change the address without loading a page.
  let last = here.pathname;
  const moved = () => setTimeout(() => {
    if (last !== here.pathname) calls.page();
    last = here.pathname;
  });
  addEventListener("popstate", moved);
  for (const name of ["pushState", "replaceState"]) {
    const change = history[name];
    history[name] = (...rest) => {
      change.apply(history, rest);
      moved();
    };
  }

  // What the page asked for before this was loaded: (window.leadlineQueue ||= []).push(["consent", true])
  const run = ([name, ...rest]) => calls[name](...rest);
  (window.leadlineQueue || []).forEach(run);
  window.leadlineQueue = { push: run };
  window.leadline = calls;
  calls.page();
})();
