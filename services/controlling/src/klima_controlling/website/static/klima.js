// Klimakreis: figures of municipal climate action as web components. No dependencies, no cookies, nothing stored.
// <klima-balance region="05974040"></klima-balance>, and klima-renewables, -status, -measures, -events, -contact.
// Attributes: region, lang (de, en), year, theme (auto, light, dark), heading (2 to 5), base (another installation).
// What stands between the tags is shown until the figures are there, when they cannot be had, and without script.

const SERVICES = /*services*/ {};
const HERE = new URL(import.meta.url);
const WIDGETS = {
  balance: "balance", renewables: "balance", measures: "measures", events: "measures", contact: "measures",
  status: "controlling",
};
const WORDS = {
  de: ["wird geladen …", "Die Zahlen sind gerade nicht erreichbar."],
  en: ["loading …", "The figures cannot be reached at the moment."],
};

const soon = "IntersectionObserver" in globalThis && new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) {
    soon.unobserve(entry.target);
    entry.target.load();
  }
}, { rootMargin: "600px" });

// Pages and shadow roots share one sheet. What the site around sets itself is left out here, so that it is inherited.
function sheet(text, element, theme) {
  const around = getComputedStyle(element);
  let css = text.replace(/(--klima-[\w-]+):[^;{}]*;/g, (all, name) => around.getPropertyValue(name).trim() ? "" : all);
  if (theme === "light" || theme === "dark") {
    css = css.replaceAll("(prefers-color-scheme:dark)", theme === "dark" ? " all" : " not all")
      .replaceAll("color-scheme:light dark", `color-scheme:${theme}`);
  }
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

class Widget extends HTMLElement {
  static observedAttributes = ["region", "lang", "year", "theme", "heading", "base"];

  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: "open" });
      this.shadowRoot.append(document.createElement("slot"));
    }
    this.setAttribute("aria-busy", "true");
    if (soon) soon.observe(this); else this.load();
  }

  disconnectedCallback() {
    if (soon) soon.unobserve(this);
    this.running?.abort();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.loaded && before !== after) this.load();
  }

  get language() {
    const found = this.lang || this.closest("[lang]")?.lang || "de";
    return found.toLowerCase().startsWith("en") ? "en" : "de";
  }

  get address() {
    const base = this.getAttribute("base") || SERVICES[WIDGETS[this.widget]] || HERE.origin;
    const region = encodeURIComponent(this.getAttribute("region") || "");
    const url = new URL(`${base.replace(/\/+$/, "")}/embed/${this.widget}/${region}`, HERE);
    url.searchParams.set("lang", this.language);
    const year = this.getAttribute("year");
    if (year) url.searchParams.set("year", year);
    return url;
  }

  async load() {
    this.running?.abort();
    const running = this.running = new AbortController();
    try {
      const url = this.address;
      const answer = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer", signal: running.signal });
      if (!answer.ok) throw new Error(`${answer.status} ${url}`);
      // The style is taken out first: a site's own policy would complain about it, though it is never applied as such.
      let css = "";
      const text = (await answer.text()).replace(/<style>([^]*?)<\/style>/, (_all, found) => (css = found, ""));
      const page = new DOMParser().parseFromString(text, "text/html");
      if (running.signal.aborted) return;
      this.show(page, css, answer.url);
      this.loaded = true;
      this.dispatchEvent(new CustomEvent("klima-load", { bubbles: true, composed: true }));
    } catch (error) {
      if (running.signal.aborted) return;
      this.fail(error);
    } finally {
      if (this.running === running) this.removeAttribute("aria-busy");
    }
  }

  show(page, css, url) {
    const main = page.querySelector("main");
    const box = document.createElement("section");
    box.className = main.className;
    for (const script of main.querySelectorAll("script")) script.remove();
    for (const link of main.querySelectorAll("[href]")) {
      const given = link.getAttribute("href");
      if (given.startsWith("#")) continue;
      const target = new URL(given, url);
      if (/^(https?|mailto|tel):$/.test(target.protocol)) link.setAttribute("href", target);
      else link.removeAttribute("href");
    }
    const level = Math.min(Math.max(parseInt(this.getAttribute("heading"), 10) || 2, 1), 5);
    for (const old of main.querySelectorAll("h1,h2,h3,h4")) {
      const heading = document.createElement(`h${Math.min(+old.localName[1] + level - 1, 6)}`);
      for (const { name, value } of old.attributes) heading.setAttribute(name, value);
      heading.append(...old.childNodes);
      old.replaceWith(heading);
    }
    const title = main.querySelector("h1,h2,h3,h4,h5");
    if (title) {
      title.id ||= "title";
      box.setAttribute("aria-labelledby", title.id);
    }
    box.lang = page.documentElement.lang;
    box.append(...main.childNodes);
    this.shadowRoot.adoptedStyleSheets = []; // or the properties it set itself would look like the site's
    this.shadowRoot.adoptedStyleSheets = [sheet(css, this, this.getAttribute("theme"))];
    this.shadowRoot.replaceChildren(document.adoptNode(box));
  }

  fail(error) {
    console.warn("klima:", error.message);
    const note = document.createElement("p");
    note.setAttribute("role", "status");
    const link = document.createElement("a");
    link.href = this.address;
    link.textContent = WORDS[this.language][1];
    note.append(link);
    this.shadowRoot.adoptedStyleSheets = [];
    this.shadowRoot.replaceChildren(note, document.createElement("slot"));
    this.dispatchEvent(new CustomEvent("klima-error", { bubbles: true, composed: true, detail: error.message }));
  }
}

for (const widget of Object.keys(WIDGETS)) {
  const name = `klima-${widget}`;
  if (!customElements.get(name)) {
    customElements.define(name, class extends Widget {
      get widget() {
        return widget;
      }
    });
  }
}

// Iframes with the attribute data-klima get the height that their page tells: only the page in that very frame, and
// only from the origin its address names.
const frames = () => [...document.querySelectorAll("iframe[data-klima]")];
const origin = (frame) => new URL(frame.src, location.href).origin;
const ask = (frame) => frame.contentWindow?.postMessage({ klima: "height?" }, origin(frame));

addEventListener("message", ({ data, source, origin: from }) => {
  if (!data || typeof data.klima !== "string") return;
  const frame = frames().find((one) => one.contentWindow === source);
  if (!frame || origin(frame) !== from) return;
  if (data.klima === "ready") ask(frame);
  if (data.klima === "height" && Number.isFinite(data.height)) frame.height = Math.min(Math.max(Math.ceil(data.height), 80), 8000);
});
// Frames that were loaded before this module have said "ready" to nobody.
for (const frame of frames()) if (performance.getEntriesByName(frame.src).length) ask(frame);
