"use strict";
/* Why agents acted: their decisions in words, and lanes of what happened when; both lead to the flows of the month. */

(() => {
  const page = globalThis.itchoPage, content = page.content;
  if (content.kind !== "run" || !content.decisions) return;
  const { el, short } = page;
  const T = globalThis.itchoWords;
  const { months, monthName, monthPlace, monthControl, words, label, frameOf, source, yen } = globalThis.itchoRun;
  const { agents, records, said, lanes } = content.decisions;
  const NUMBER = "\ue000", SPACE = "http://www.w3.org/2000/svg";
  const LANES = {
    tranche: ["Tranche paid", "#0072B2"], rate: ["Rate change", "#56B4E9"], sale: ["Sale of assets", "#E69F00"], loss_cut: ["Loss-cut", "#D55E00"],
    failure: ["Failure: loans written off", "#A0673A"], intervention: ["Intervention", "#009E73"], rescue: ["Rescue", "#CC79A7"], limit: ["Limit reached", "#8C8C8C"],
  };
  // Groups that decide as one and are several parties of the ledger.
  const TIERS = { distributors: "distributor", clouds: "cloud", developers: "developer" }, PARTY = { adopters: "firms", individuals: "households" };
  const names = agents.map((one) => one[0]);
  // The text is the model's, in the page's language already.
  const plain = (text) => document.createTextNode(text);
  const nameOf = (agent) => agents[names.indexOf(agent)][1][T.code];

  /** A record in the page's language. */
  function sentence(at) {
    const line = said[T.code].lines[at], numbers = (line.length > 1 ? line[1] : said.en.lines[at][1]).split(" ");
    return said[T.code].patterns[line[0]].replace(/[\ue000\ue001]/g, (sign) => (sign === NUMBER ? numbers.shift().replace(/^-/, "−") : monthName(records[at][0])));
  }

  const placesOf = (agent, month) => records.flatMap(([when, who], at) => (names[who] === agent && (!month || when === month) ? [at] : []));
  const eventsOf = (state) => {
    const lane = lanes.find((one) => one.name === state.lane);
    return lane ? lane.events.filter(([month]) => month === state.m) : [];
  };

  /** Flows of a month that an agent pays or receives, the largest first: [payer, payee, purpose, instrument, amount]. */
  function flowsOf(agent, place) {
    const own = new Set(content.scene.nodes.filter((node) => node.key === (PARTY[agent] || agent) || (TIERS[agent] && node.tier === TIERS[agent])).map((node) => node.id));
    return frameOf(place).edges.filter(([from, to]) => own.has(from) || own.has(to)).map(([from, to, flow, amount]) => {
      const [instrument, purpose] = content.edges.flows[flow];
      return [content.scene.nodes[from].key, content.scene.nodes[to].key, purpose, instrument, amount];
    }).sort((a, b) => b[4] - a[4]);
  }

  function shape(name, attributes, ...children) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) if (key.startsWith("on")) made.addEventListener(key.slice(2), value); else made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /**
   * Lanes over time; a mark is a month in which it happened, the larger the more agents it met.
   * Drawn once: `update(state)` moves the line of the month and shows which mark is chosen.
   */
  function lanesFigure(full = 1300) {
    const narrow = innerWidth < 640, width = narrow ? 360 : full, left = narrow ? 108 : 190, right = 14, tall = narrow ? 26 : 24, top = 6;
    const shown = lanes.filter((lane) => lane.events.length), empty = lanes.filter((lane) => !lane.events.length);
    if (!shown.length) return { box: el("p", { class: "note" }, "Nothing that has a lane happened in this run."), update() {} };
    const height = top + shown.length * tall + 22, across = (place) => left + ((place - 0.5) / (months.length - 1)) * (width - left - right);
    const counted = shown.map((lane) => `${T(LANES[lane.name][0])}: ${lane.events.length}`).join(", ");
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "lanes", role: "group", "aria-label": T("What happened when: {what}", { what: counted }) });
    const text = (attributes, said_) => shape("text", attributes, plain(said_));
    for (let place = 1; place < months.length; place++) {
      if (!months[place].startsWith(months[place].slice(0, 4) + "-01") || (narrow && months.length > 72 && Number(months[place].slice(0, 4)) % 2)) continue;
      svg.append(shape("line", { class: "grid", x1: across(place), x2: across(place), y1: top, y2: height - 20 }), text({ x: across(place), y: height - 5, "text-anchor": "middle" }, months[place].slice(0, 4)));
    }
    const now = shape("line", { class: "axis", "stroke-dasharray": "2 3", y1: top, y2: height - 20 }), marks = [];
    // Marks of neighbouring months do not cover one another.
    const most = Math.max(1.6, 0.48 * (across(2) - across(1)));
    svg.append(now);
    shown.forEach((lane, row) => {
      const [name, colour] = LANES[lane.name], y = top + row * tall + tall / 2;
      svg.append(shape("line", { class: "grid", x1: left, x2: width - right, y1: y, y2: y }), text({ x: 0, y: y + 4, class: "ink" }, narrow ? T(name).split(/[:：]/)[0] : T(name)));
      const happened = new Set(lane.events.map((event) => event[0])), crowded = happened.size > months.length / 3;
      for (const month of happened) {
        const met = lane.events.filter((event) => event[0] === month), open = () => {
          page.set({ m: month, lane: lane.name, who: met[0][1] });
          mark.focus({ preventScroll: true });
        };
        const spoken = `${T(name)}, ${monthName(month)}: ${met.map((event) => nameOf(event[1])).join(", ")}`;
        const mark = shape("circle", {
          cx: across(months.indexOf(month)), cy: y, r: Math.min(crowded ? most : Math.max(most, 3.2), narrow ? 2.6 + 0.5 * Math.min(3, met.length) : 3.6 + Math.min(4, met.length)), fill: colour, "fill-opacity": lane.name === "limit" ? Math.min(1, 0.25 + 0.25 * met.length) : 1, tabindex: 0, role: "button", "data-lane": lane.name, "data-month": month,
          "aria-label": spoken, "aria-pressed": "false", onclick: open,
          onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); } },
        }, shape("title", {}, plain(spoken)));
        marks.push(mark);
        svg.append(mark);
      }
    });
    const update = (state) => {
      const place = monthPlace(state);
      now.setAttribute("visibility", place ? "visible" : "hidden");
      for (const end of ["x1", "x2"]) now.setAttribute(end, across(place));
      for (const mark of marks) mark.setAttribute("aria-pressed", String(mark.dataset.lane === state.lane && mark.dataset.month === state.m));
    };
    const box = el("figure", {}, el("figcaption", {}, el("h3", {}, "What happened when"), el("div", { class: "unit" }, "Choose a mark: the decision and the flows of its month follow.")), svg,
      empty.length ? el("p", { class: "source" }, T("Not in this run: {what}.", { what: empty.map((lane) => T(LANES[lane.name][0])).join(", ") })) : null);
    return { box, update };
  }

  /** What an event says: the agent's decisions, or what banks lost by a failure. */
  const toldOf = (events) => el("ul", { class: "decisions" }, events.flatMap(([month, , places, lost]) => (lost === undefined
    ? places.map((at) => el("li", {}, plain(sentence(at))))
    : [el("li", {}, T("{month}: firms failed, and banks wrote off {amount} of loans to them.", { month: monthName(month), amount: yen(lost) }))])));
  const list = (places) => el("ul", { class: "decisions" }, places.map((at) => el("li", {}, plain(sentence(at)))));

  function flowsTable(agent, place) {
    const rows = flowsOf(agent, place), most = 12, sums = new Map();
    // Instruments of one purpose together; the file has each.
    for (const [payer, payee, purpose, , amount] of rows) {
      const key = JSON.stringify([payer, payee, purpose]);
      sums.set(key, (sums.get(key) || 0) + amount);
    }
    const shown = [...sums].map(([key, amount]) => [...JSON.parse(key), amount]).sort((a, b) => b[3] - a[3]);
    return page.table(
      [{ label: "Payer", show: label }, { label: "Payee", show: label }, { label: "For", show: words }, { label: "trn yen", n: true, show: short }], shown.slice(0, most), {
        heading: T("Flows of {who}, {month}: the largest {shown} of {count}", { who: nameOf(agent), month: monthName(months[place]), shown: Math.min(most, shown.length), count: shown.length }),
        csv: () => ({ name: `itcho-flows-${agent}-${months[place]}.csv`, columns: ["month", "payer", "payee", "purpose", "instrument", "amount_trn_yen"], rows: rows.map((row) => [months[place], ...row]) }),
      });
  }

  /** What a chosen mark stands for; nothing without one. */
  function chosenEvent(state) {
    const events = eventsOf(state), place = monthPlace(state);
    if (!events.length || !place) return null;
    return el("div", { class: "chosen-event" },
      el("h3", {}, plain(`${T(LANES[state.lane][0])}, ${monthName(state.m)}`)), toldOf(events), flowsTable(events[0][1], place));
  }

  Object.assign(page.defaults, { who: names[0], lane: "" });

  let below = null;
  page.underNetwork = (state) => {
    if (!below) below = lanesFigure(innerWidth > 1100 ? 960 : 1300);
    below.update(state);
    return [below.box, chosenEvent(state), el("br")].filter(Boolean);
  };

  page.whyTab = {
    key: "why", label: "Why did they act?",
    build(panel) {
      const time = monthControl(), pick = el("div"), drawn = lanesFigure(), body = el("div", { class: "halves" });
      panel.append(el("h2", {}, "Why did they act?"),
        el("p", { class: "lead" }, "Each agent’s decisions of the month: what it did, what it saw, what its rule wants, and what held it. Groups decide in sums; their number stands in brackets."),
        el("div", { class: "row" }, time.box, pick), drawn.box, el("br"), body, el("p", { class: "source" }, T("{source}: decisions.csv, edges.csv.", { source })));
      const update = (state) => {
        time.update(state);
        const agent = names.includes(state.who) ? state.who : names[0], place = monthPlace(state);
        pick.replaceChildren(page.select("Agent", agents.map(([name, text]) => [name, plain(text[T.code])]), agent, (who) => page.set({ who, lane: "" })));
        drawn.update(state);
        const places = place ? placesOf(agent, months[place]) : [], all = placesOf(agent);
        const others = eventsOf(state).filter((event) => event[1] !== agent || event.length > 3);
        body.replaceChildren(
          el("div", {},
            el("div", { class: "table-head" }, el("h3", {}, plain(`${nameOf(agent)}, ${monthName(months[place])}`)),
              page.csvButton(() => ({ name: `itcho-decisions-${agent}.csv`, columns: ["month", "agent", "decision"], rows: all.map((at) => [records[at][0], agent, sentence(at)]) }), "CSV, all months")),
            places.length ? list(places) : el("p", { class: "note" }, "It decided nothing in this month."),
            others.length ? el("h3", {}, plain(`${T(LANES[state.lane][0])}, ${monthName(state.m)}`)) : null, others.length ? toldOf(others) : null),
          place ? flowsTable(agent, place) : el("div"));
      };
      update.stop = time.stop;
      return update;
    },
  };
})();
