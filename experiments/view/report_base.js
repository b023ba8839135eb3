"use strict";
/* What both kinds of page share: the content, the state in the address, tabs, tables and files to take away. */

(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const T = globalThis.itchoWords;
  const asked = new URLSearchParams(location.hash.slice(1)).get("lang");
  const language = asked && Object.hasOwn(content.languages, asked) ? asked : content.language;
  T.use(language, content.languages[language].words);
  document.documentElement.lang = language;
  const SPOKEN = new Set(["aria-label", "title", "placeholder"]);

  /** An element.  Attributes beginning with "on" are listeners; children are elements or text, never markup. */
  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (key === "style") Object.assign(made.style, value);
      else made.setAttribute(key, value === true ? "" : SPOKEN.has(key) ? T(value) : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined).map((child) =>
      child instanceof Node ? child : document.createTextNode(T(String(child)))));
    return made;
  }

  function say(text) { document.getElementById("said").textContent = text; }

  function number(value, decimals = 2, signed = false) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const text = T.number(Math.abs(value), decimals);
    const zero = !/[1-9]/.test(text);
    return (value < 0 && !zero ? "−" : signed && !zero ? "+" : "") + text;
  }

  /** A small number as it is printed, such as 1.5×10⁻⁵. */
  function timesTenTo(size) {
    const [digits, exponent] = size.toExponential(1).split("e");
    return `${digits}×10${exponent.replace("-", "⁻").replace(/\d/g, (one) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[one])}`;
  }

  /** A number with as many decimals as its size needs. */
  function short(value, signed = false) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size <= Number.MIN_VALUE) return value < 0 ? "−0" : "+0"; // the end of an interval without zero itself
    if (size < 1e-12) return "0"; // what rounding leaves of a book that closes
    if (size < 1e-4) return (value < 0 ? "−" : signed ? "+" : "") + timesTenTo(size);
    return number(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4, signed);
  }

  /* The state lives in the fragment of the address, as name=value; what equals the default is left out. */
  const page = { content, el, say, number, short, tabs: [], defaults: { tab: "", lang: content.language }, state: {} };

  function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const state = { ...page.defaults };
    for (const [name, value] of given) if (Object.hasOwn(page.defaults, name)) state[name] = value;
    if (!page.tabs.some((tab) => tab.key === state.tab)) state.tab = page.tabs[0].key;
    if (!Object.hasOwn(content.languages, state.lang)) state.lang = content.language;
    return state;
  }

  function writeAddress() {
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(page.state)) if (value !== page.defaults[name]) kept.set(name, value);
    const text = kept.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }

  /** Change the state: the address and the open tab follow. */
  page.set = (changes) => {
    Object.assign(page.state, changes);
    writeAddress();
    show();
  };

  function show() {
    for (const tab of page.tabs) {
      const open = tab.key === page.state.tab;
      tab.button.setAttribute("aria-selected", String(open));
      tab.button.tabIndex = open ? 0 : -1;
      tab.panel.hidden = !open;
      if (!open) { if (tab.close) tab.close(); continue; }
      // Along the strip only: the page itself stays where it is.
      const strip = tab.button.parentElement, { offsetLeft: left, offsetWidth: wide } = tab.button;
      if (left < strip.scrollLeft || left + wide > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = left - 20;
      if (!tab.update) tab.update = tab.build(tab.panel) || (() => {});
      tab.update(page.state);
    }
  }

  /** Another language: the page is built anew, in the same state. */
  function speak(code) {
    Object.assign(page.state, { lang: code });
    writeAddress();
    location.reload();
  }

  page.start = () => {
    document.querySelectorAll("[data-words]").forEach((one) => { one.textContent = T(one.textContent); });
    document.getElementById("languages").append(...Object.entries(content.languages).map(([code, one]) =>
      el("button", { type: "button", lang: code, "data-lang": code, "aria-pressed": String(code === T.code), onclick: () => speak(code) }, document.createTextNode(one.name))));
    const strip = document.getElementById("tabs"), panels = document.getElementById("panels");
    for (const tab of page.tabs) {
      tab.button = el("button", { type: "button", role: "tab", id: `tab-${tab.key}`, "aria-controls": `panel-${tab.key}`, onclick: () => page.set({ tab: tab.key }) }, tab.label);
      tab.panel = el("section", { class: "panel", role: "tabpanel", id: `panel-${tab.key}`, "aria-labelledby": `tab-${tab.key}`, hidden: true });
      strip.append(tab.button);
      panels.append(tab.panel);
    }
    strip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const here = page.tabs.findIndex((tab) => tab.key === page.state.tab);
      const next = page.tabs[(here + step + page.tabs.length) % page.tabs.length];
      page.set({ tab: next.key });
      next.button.focus();
      event.preventDefault();
    });
    document.getElementById("copy-address").addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(location.href); say(T("Link copied")); } catch { prompt(T("Link to this view"), location.href); }
    });
    page.defaults.tab = page.tabs[0].key;
    page.state = readAddress();
    addEventListener("hashchange", () => {
      page.state = readAddress();
      if (page.state.lang === T.code) show(); else location.reload();
    });
    show();
  };

  /** Text of a CSV file: the same floats come back from it. Text that a spreadsheet would compute gets an apostrophe in front. */
  page.csv = (columns, rows) => {
    const cell = (value) => {
      const plain = value === null || value === undefined ? "" : String(value);
      const text = typeof value === "string" && /^'*[=+\-@\t\r\n＝＋－＠]/.test(plain) ? `'${plain}` : plain;
      return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return [columns, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
  };

  page.download = (name, text) => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    const link = el("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    say(T("{name} saved", { name }));
  };

  /** A button that saves what `make()` gives: {name, columns, rows}. */
  page.csvButton = (make, label = "CSV") => el("button", {
    type: "button", class: "csv", onclick: () => { const file = make(); page.download(file.name, page.csv(file.columns, file.rows)); },
  }, label);

  /**
   * A table with a heading and a CSV button.
   * columns: [{label, n (a number), show(value) }], rows: arrays of values; options: {heading, caption, csv, pick, mark, total, scroll,
   * stacked (on a phone the first of six cells stands above the others)}
   */
  page.table = (columns, rows, options = {}) => {
    const body = el("tbody");
    rows.forEach((row, place) => {
      const cells = columns.map((column, at) => el("td", { class: column.n ? "n" : null }, column.show ? column.show(row[at]) : row[at] ?? ""));
      const line = el("tr", { class: [options.pick ? "pick" : "", options.mark && options.mark(row) ? options.markClass || "here" : "", options.total && place === rows.length - 1 ? "total" : ""].join(" ").trim() || null }, cells);
      if (options.pick) line.addEventListener("click", () => options.pick(row));
      body.append(line);
    });
    const table = el("table", {}, options.caption ? el("caption", {}, options.caption) : null,
      el("thead", {}, el("tr", {}, columns.map((column) => el("th", { class: column.n ? "n" : null, scope: "col" }, column.label)))), body);
    const box = el("div", { class: options.stacked ? "stacked" : null });
    if (options.heading || options.csv) {
      box.append(el("div", { class: "table-head" }, el("h3", {}, options.heading || ""), el("span", {}, options.csv ? page.csvButton(options.csv) : null, options.more ? [" ", page.csvButton(options.more, options.moreLabel)] : null)));
    }
    box.append(options.scroll ? el("div", { class: `scroll ${options.scroll}`, tabindex: 0, role: "region", "aria-label": options.heading || options.caption || "table" }, table) : table);
    return box;
  };

  /** A picture with its heading, unit, legend and source. */
  page.figure = ({ heading, unit, picture, legend, source }) => el("figure", {},
    el("figcaption", {}, el("h3", {}, heading), el("div", { class: "unit" }, unit || "")),
    picture,
    legend ? el("div", { class: "legend" }, legend.map((one) => el("span", {}, one.dash ? el("i", { class: "dash" }) : el("i", { class: "swatch", style: { background: one.colour } }), one.label))) : null,
    source ? el("p", { class: "source" }, source) : null);

  /** Buttons of which one is pressed. */
  page.choice = (label, options, chosen, pick) => el("div", { class: "group", role: "group", "aria-label": label },
    options.map(([key, text]) => el("button", { type: "button", "aria-pressed": String(key === chosen), "data-key": key, onclick: () => pick(key) }, text)));

  page.select = (label, options, chosen, pick) => el("label", {}, T(label) + " ", el("select", { onchange: (event) => pick(event.target.value) },
    options.map(([key, text]) => el("option", { value: key, selected: key === chosen }, text))));

  page.floats = (text) => new Float64Array(page.bytes(text).buffer);
  page.bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

  page.head = (title, subtitle) => {
    document.getElementById("title").textContent = T(title);
    document.getElementById("subtitle").textContent = subtitle;
  };

  /** Provenance as a list, with the command that makes it again. */
  page.provenance = (manifest, skip = []) => {
    const rows = [];
    for (const [name, value] of Object.entries(manifest)) {
      if (["command", "sha256", "sessions", "parameters_changed", ...skip].includes(name)) continue;
      const text = typeof value === "object" && value !== null ? Object.entries(value).map(([key, one]) => `${key} ${one}`).join(", ") : String(value);
      // How a run was made is said in the names that its folder and the commands have.
      rows.push(el("dt", { lang: "en" }, document.createTextNode(name.replace(/_/g, " "))), el("dd", { lang: "en" }, document.createTextNode(text)));
    }
    return el("section", {}, el("h2", {}, "How to make it again"),
      el("p", { class: "command", id: "command" }, manifest.command ? document.createTextNode(manifest.command) : "not recorded"),
      el("dl", { class: "facts" }, rows),
      manifest.sha256 ? el("details", {}, el("summary", {}, "SHA-256 of the run’s files"),
        page.table([{ label: "file" }, { label: "SHA-256" }], Object.entries(manifest.sha256).map((row) => row.map((text) => document.createTextNode(text))))) : null);
  };

  globalThis.itchoPage = page;
})();
