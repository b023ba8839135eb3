"use strict";
/* The page of a run. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "run") return;
  const { el, number, short } = page;
  const T = globalThis.itchoWords;
  const yen = globalThis.flowNetworkYenText;
  const scene = content.scene, months = content.months;
  // Without a prototype: an address may name anything.
  const nodeOf = Object.assign(Object.create(null), Object.fromEntries(scene.nodes.map((node) => [node.key, node])));
  const layerOf = Object.fromEntries(scene.layers.map((layer) => [layer.key, layer]));
  const words = (name) => T(content.words[name] || name.replace(/_/g, " "));
  const label = (party) => T(content.labels[party] || party);
  const twin = content.outcomes.some((one) => one.twin);
  const policy = content.manifest.policy;
  const colours = { run: "#0072B2", twin: "#1d2733" };
  const source = T("Source: itcho {version}, scenario {scenario}, policy {policy}, seed {seed}", { version: content.itcho, scenario: content.manifest.scenario, policy, seed: content.manifest.seed });

  // Every flow of the run, as the ledger booked it.
  const keyBytes = page.bytes(content.edges.key);
  const keys = content.edges.bytes === 2 ? new Uint16Array(keyBytes.buffer) : new Uint32Array(keyBytes.buffer);
  const amounts = page.floats(content.edges.amount);

  /** A month as the network draws it. */
  function frameOf(place) {
    const edges = [];
    for (let at = content.edges.start[place]; at < content.edges.start[place + 1]; at++) {
      const [from, to, flow] = content.edges.keys[keys[at]];
      edges.push([from, to, flow, amounts[at]]);
    }
    return { month: months[place], size: content.sizes[place], flows: content.edges.flows, edges };
  }

  /** What was paid in months from one place to another, as the network draws it. */
  function sumOf(from, to) {
    if (from === to) return frameOf(to);
    const sums = new Float64Array(content.edges.keys.length);
    for (let at = content.edges.start[from]; at < content.edges.start[to + 1]; at++) sums[keys[at]] += amounts[at];
    return { ...frameOf(to), edges: content.edges.keys.flatMap(([payer, payee, flow], key) => (sums[key] ? [[payer, payee, flow, sums[key]]] : [])) };
  }

  /** Payments of fiscal years with the programme less those without it. */
  function differenceOf(from, to) {
    const other = content.twin_edges, rows = new Uint16Array(page.bytes(other.rows).buffer), paid = page.floats(other.amount);
    const places = closed.map((month, at) => [fiscalYear(month), at + 1]).filter(([year]) => year >= from && year <= to).map((one) => one[1]);
    const frame = sumOf(places[0], places[places.length - 1]), flows = [...content.edges.flows], found = new Map();
    const flowAt = new Map(flows.map(([instrument, purpose], at) => [`${instrument} ${purpose}`, at]));
    const add = (payer, payee, flow, amount) => {
      const key = (payer * 65536 + payee) * 4096 + flow, one = found.get(key);
      if (one) one[3] += amount; else found.set(key, [payer, payee, flow, amount]);
    };
    for (const edge of frame.edges) add(...edge);
    const flowOf = other.flows.map((flow) => {
      const name = `${flow[0]} ${flow[1]}`;
      if (!flowAt.has(name)) { flowAt.set(name, flows.length); flows.push(flow); }
      return flowAt.get(name);
    });
    paid.forEach((amount, row) => {
      const year = other.years[rows[4 * row]];
      if (year >= from && year <= to) add(rows[4 * row + 1], rows[4 * row + 2], flowOf[rows[4 * row + 3]], -amount);
    });
    // Below a hundred yen is rounding of the sums.
    return { ...frame, flows, signed: true, edges: [...found.values()].filter((edge) => Math.abs(edge[3]) > 1e-10) };
  }

  const layerMax = {};
  (() => {
    for (let place = 0; place < months.length; place++) {
      const sums = new Map();
      for (let at = content.edges.start[place]; at < content.edges.start[place + 1]; at++) {
        const [from, to, flow] = content.edges.keys[keys[at]], layer = content.edges.flows[flow][2];
        const key = (from * 65536 + to) + layer, sum = (sums.get(key) || 0) + amounts[at];
        sums.set(key, sum);
        if (from !== to) layerMax[layer] = Math.max(layerMax[layer] || 0, sum);
      }
    }
  })();

  const monthName = (month) => T.month(month);
  const fiscalYear = (month) => Number(month.slice(0, 4)) - (Number(month.slice(5, 7)) < 4 ? 1 : 0);
  const when = (month) => Number(month.slice(0, 4)) + Number(month.slice(5, 7)) / 12;
  const monthText = (place) => place === 0 ? T("Opening, {month}", { month: monthName(months[0]) }) : `${monthName(months[place])} (${T("FY{year}", { year: fiscalYear(months[place]) })})`;
  const closed = months.slice(1), years = [...new Set(closed.map(fiscalYear))];
  const yearName = (year) => {
    const held = closed.filter((month) => fiscalYear(month) === year).length;
    const name = T("FY{year}", { year });
    return held === 12 ? name : `${name} (${T(held > 1 ? "{count} months" : "{count} month", { count: held })})`;
  };

  const spans = [["month", "Month"], ["year", "Fiscal year to date"], ["all", "Since the opening"]];
  Object.assign(page.defaults, {
    m: months[months.length - 1], depth: "trillion", span: "all", show: "", layers: scene.layers.filter((layer) => layer.shown).map((layer) => layer.key).join("."), sel: "", at: "", mode: "money",
    outcome: content.headline[0], yen: "level", party: "softbank_group", find: "", changed: "", diff: "level",
  });
  const monthPlace = (state) => Math.max(0, months.indexOf(state.m));

  /** The slider over months, with play. */
  function monthControl() {
    const range = el("input", { type: "range", min: 0, max: months.length - 1, step: 1, id: "month", "aria-label": "Month", oninput: () => page.set({ m: months[Number(range.value)] }) });
    const shown = el("output", { for: "month", id: "month-name" });
    let timer = null;
    const button = el("button", { type: "button", id: "play", onclick: () => (timer ? stop() : play()) }, "Play");
    function stop() { clearInterval(timer); timer = null; button.textContent = T("Play"); button.setAttribute("aria-pressed", "false"); }
    function play() {
      if (monthPlace(page.state) === months.length - 1) page.set({ m: months[1] });
      timer = setInterval(() => {
        const next = monthPlace(page.state) + 1;
        if (next >= months.length) return stop();
        page.set({ m: months[next] });
        return undefined;
      }, 700);
      button.textContent = T("Pause");
      button.setAttribute("aria-pressed", "true");
    }
    const update = (state) => {
      range.value = monthPlace(state);
      range.setAttribute("aria-valuetext", monthText(monthPlace(state)));
      shown.textContent = monthText(monthPlace(state));
    };
    return { box: el("div", { class: "slider" }, button, range, shown), update, stop };
  }

  /* ---------------------------------------------------------------- network */

  /** What is drawn: the frame, and what it sums over in words. */
  let kept = { name: "" };
  /** The trillion is followed by what it changed; more detail is of payments themselves. */
  const showOf = (state, depth) => (["level", "twin"].includes(state.show) ? state.show : depth === "trillion" && content.twin_edges ? "twin" : "level");
  function drawn(state) {
    const place = monthPlace(state), name = `${place} ${state.span} ${state.show}`;
    if (kept.name === name) return kept;
    const first = state.span === "month" || !place ? place : state.span === "year" ? closed.findIndex((month) => fiscalYear(month) === fiscalYear(months[place])) + 1 : 1;
    if (state.show === "twin" && content.twin_edges && place) {
      const to = fiscalYear(months[place]), from = state.span === "all" ? years[0] : to;
      kept = { name, first, frame: differenceOf(from, to), signed: true, said: from === to ? yearName(to) : T("{first} to {last}", { first: yearName(from), last: yearName(to) }) };
    } else {
      kept = { name, first, frame: sumOf(first, place), signed: false, said: first === place ? monthName(months[place]) : T("{first} to {last}", { first: monthName(months[first]), last: monthName(months[place]) }) };
    }
    return kept;
  }

  function networkTab(panel) {
    const time = monthControl();
    const depths = el("div"), sums = el("div"), shows = el("div"), modes = el("div"), layers = el("fieldset", { class: "layers" }, el("legend", { class: "visually-hidden" }, "Kinds of flow"));
    const strip = el("dl", { class: "strip" }), side = el("aside", { class: "side", "aria-label": "Drill-down" }), below = el("div"), told = el("p", { class: "source" });
    const canvas = el("canvas", { id: "network" });
    const box = el("div", { class: "canvas-box" }, canvas);
    for (const layer of scene.layers) {
      const tick = el("input", { type: "checkbox", value: layer.key, onchange: () => {
        const on = new Set(page.state.layers.split(".").filter(Boolean));
        if (tick.checked) on.add(layer.key); else on.delete(layer.key);
        page.set({ layers: scene.layers.filter((one) => on.has(one.key)).map((one) => one.key).join(".") });
      } });
      layers.append(el("label", {}, tick, el("i", { class: "swatch", style: { background: layer.colour } }), layer.label));
    }
    panel.append(
      el("div", { class: "row" }, depths, sums, shows, modes), el("div", { class: "row" }, time.box),
      strip, layers,
      el("div", { class: "stage" }, el("div", {}, box, told, below), side));
    const known = scene.depths.map((depth) => depth.key), depthOf = (state) => (known.includes(state.depth) ? state.depth : known[0]);
    const network = new FlowNetwork(canvas, scene, { layerMax, words, depth: depthOf(page.state), moves: 400 });
    globalThis.itchoNetwork = network;
    network.onSelect((node) => page.set({ sel: node ? node.key : "", at: "" }));
    let shown = {};
    const update = (state) => {
      time.update(state);
      const place = monthPlace(state), depth = depthOf(state), span = spans.some((one) => one[0] === state.span) ? state.span : "all", show = showOf(state, depth), picture = drawn({ ...state, span, show });
      depths.replaceChildren(page.choice("How deep", scene.depths.map((one) => [one.key, one.label]), depth, (key) => page.set({ depth: key, sel: "" })));
      sums.replaceChildren(page.choice("What is summed", spans, span, (key) => page.set({ span: key })));
      if (content.twin_edges) shows.replaceChildren(page.choice("What is shown", [["level", "Payments"], ["twin", "Difference from no programme"]], show, (key) => page.set({ show: key })));
      modes.replaceChildren(page.choice("Direction of the flows", [["money", "Money"], ["goods", "Goods"]], state.mode, (mode) => page.set({ mode })));
      for (const tick of layers.querySelectorAll("input")) tick.checked = state.layers.split(".").includes(tick.value);
      if (shown.depth !== depth) network.setDepth(depth);
      if (shown.layers !== state.layers) network.setLayers(state.layers.split(".").filter(Boolean));
      if (shown.mode !== state.mode) network.setMode(state.mode);
      // Months share one scale of widths; a sum has its own.
      if (shown.picture !== picture.name) {
        const single = picture.first === place && !picture.signed;
        network.layerMax = single ? { ...layerMax } : {};
        network.fixedMax = single;
        network.setFrame(picture.frame);
      }
      const marks = (content.limits && content.limits.months[months[place]]) || [];
      if (shown.m !== state.m) network.setLimits(marks.map(([id, limit]) => [id, content.limits.labels[limit][T.code]]));
      const selected = network.nodeOf(state.sel);
      if (shown.sel !== state.sel || shown.depth !== depth) network.select(selected ? selected.id : null, true);
      shown = { ...state, depth, picture: picture.name };
      strip.replaceChildren(...headline(place));
      told.textContent = [
        picture.said + ".",
        picture.signed ? T("Payments with the programme less those of the same world without it; broken lines: less is paid.") : "",
        depth === "firms" ? T("Width: amount within one kind of flow. Area of a node grows with financial assets; dots are anonymous members. Hairlines: the graph, whether or not money moves.") : T("Width grows with the square root of yen, one scale for all kinds. Circles grow with financial assets. Squares: contracts in force; orange flags: limits that bind in the month."),
        depth === "firms" ? scene.not_drawn.map((text) => T(text)).join(" ") : "", depth === "firms" && content.left_out ? T("{count} payments touch parties that are not drawn.", { count: content.left_out }) : "",
      ].filter(Boolean).join(" ");
      side.replaceChildren(...drillDown(state, place, picture));
      below.replaceChildren(...(page.underNetwork ? page.underNetwork(state) : []), flowTable(state, place, picture));
    };
    update.stop = time.stop;
    return update;
  }

  /** An outcome with its unit; of an amount that runs up over the fiscal year it is said that it does. */
  const named = (one) => `${T(one.label)}, ${T(one.unit)}${one.to_date ? T(", fiscal year to date") : ""}`;

  function headline(place) {
    const defined = (element, one) => { element.setAttribute("title", T.code === "en" ? one.definition : T(one.label)); return element; };
    return content.headline.map((name) => {
      const one = content.outcomes.find((outcome) => outcome.name === name);
      const value = place ? one.run[place - 1] : null;
      const without = place && one.twin ? one.twin[place - 1] : null;
      return defined(el("div", {}, el("dt", {}, named(one)),
        el("dd", {}, el("b", {}, number(value, one.decimals)), el("small", {}, one.twin ? T("no programme {value}", { value: number(without, one.decimals) }) : " "))), one);
    });
  }

  /** Flows of a frame that are shown, the largest first: [payer, payee, instrument, purpose, amount, layer]. */
  function shownFlows(state, frame, party) {
    const on = new Set(state.layers.split("."));
    const rows = [];
    for (const [from, to, flow, amount] of frame.edges) {
      const [instrument, purpose, layer] = frame.flows[flow];
      const payer = scene.nodes[from].key, payee = scene.nodes[to].key;
      if (party ? payer === party || payee === party : on.has(layer)) rows.push([payer, payee, instrument, purpose, amount, layer]);
    }
    return rows.sort((a, b) => Math.abs(b[4]) - Math.abs(a[4]));
  }

  function flowFile(name, rows, place, picture = null) {
    const what = ["payer", "payee", "instrument", "purpose"];
    if (picture && (picture.first !== place || picture.signed)) {
      return { name: `itcho-${name}-${months[place]}.csv`, columns: ["period", ...what, picture.signed ? "difference_trn_yen" : "amount_trn_yen"], rows: rows.map((row) => [picture.said, ...row.slice(0, 5)]) };
    }
    return { name: `itcho-${name}-${months[place]}.csv`, columns: ["month", ...what, "amount_trn_yen"], rows: rows.map((row) => [months[place], ...row.slice(0, 5)]) };
  }

  /** The whole edge table of the run. */
  function allMonths() {
    const rows = [];
    for (let place = 0; place < months.length; place++) {
      for (const [from, to, flow, amount] of frameOf(place).edges) {
        const [instrument, purpose] = content.edges.flows[flow];
        rows.push([months[place], scene.nodes[from].key, scene.nodes[to].key, instrument, purpose, amount]);
      }
    }
    return { name: "itcho-edges.csv", columns: ["month", "payer", "payee", "instrument", "purpose", "amount_trn_yen"], rows };
  }

  function flowTable(state, place, picture) {
    const held = partiesOf(state.sel), rows = shownFlows(state, picture.frame, null).filter((row) => !held.size || held.has(row[0]) || held.has(row[1]));
    const most = 120, signed = (value) => short(value, picture.signed);
    return page.table(
      [{ label: "Payer", show: label }, { label: "Payee", show: label }, { label: "For", show: words }, { label: "Instrument", show: words }, { label: "trn yen", n: true, show: signed }],
      rows.slice(0, most).map(([payer, payee, instrument, purpose, amount]) => [payer, payee, purpose, instrument, amount]),
      {
        heading: T(held.size ? "Payments of {party}, {when}: {count}" : "Payments, {when}: {count}", { when: picture.said, party: nameOfSelected(state.sel), count: rows.length.toLocaleString("en-GB") })
          + (rows.length > most ? T(", the largest {count} listed", { count: most }) : ""),
        csv: () => flowFile("flows", rows, place, picture), more: allMonths, moreLabel: "CSV, all months and kinds", scroll: "short",
      });
  }

  const groupOf = (sel) => (sel.startsWith("group:") ? scene.depths.flatMap((depth) => depth.nodes.map((group, at) => ({ ...group, depth, at }))).find((group) => `group:${group.key}` === sel && (group.depth.key === page.state.depth)) : undefined);
  /** Parties that a choice stands for. */
  function partiesOf(sel) {
    const group = groupOf(sel);
    if (group) return new Set(scene.nodes.filter((node) => group.depth.of[node.id] === group.at).map((node) => node.key));
    return new Set(nodeOf[sel] ? [sel] : []);
  }
  const nameOfSelected = (sel) => { const group = groupOf(sel); return group ? T(group.label) : label(sel); };

  /* Sector, tier, agent, transactions: each level lists what the one above is made of. */
  function drillDown(state, place, picture) {
    const node = nodeOf[state.sel], chosen = groupOf(state.sel), members = partiesOf(state.sel);
    const [sector, tier] = chosen ? ["", ""] : node ? [node.sector, node.tier] : state.at.split("/");
    const step = (text, changes) => el("button", { type: "button", class: "link", onclick: () => page.set(changes) }, text);
    const crumbs = el("nav", { class: "crumbs", "aria-label": "Where you are" }, step("All sectors", { at: "", sel: "" }));
    if (sector) crumbs.append(" › ", step(words(sector), { at: sector, sel: "" }));
    if (tier) crumbs.append(" › ", step(words(tier), { at: `${sector}/${tier}`, sel: "" }));
    if (node) { crumbs.append(" › ", el("b", {}, node.label)); return [crumbs, ...agentPanel(node, state, place)]; }
    if (chosen) crumbs.append(" › ", el("b", { id: "agent" }, chosen.label));
    const single = Boolean(tier || chosen);
    const group = single ? (one) => one.key : sector ? (one) => one.tier : (one) => one.sector;
    const inside = scene.nodes.filter((one) => (chosen ? members.has(one.key) : (!sector || one.sector === sector) && (!tier || one.tier === tier)));
    const sums = new Map(inside.map((one) => [group(one), { agents: 0, members: 0, pays: 0, receives: 0, assets: 0 }]));
    for (const one of inside) {
      const sum = sums.get(group(one));
      sum.agents += 1; sum.members += one.members; sum.assets += content.sizes[place][one.id] || 0;
    }
    const held = new Set(inside.map((one) => one.key));
    for (const [payer, payee, , , amount] of shownFlows(state, picture.frame, null)) {
      if (held.has(payer)) sums.get(group(nodeOf[payer])).pays += amount;
      if (held.has(payee)) sums.get(group(nodeOf[payee])).receives += amount;
    }
    const rows = [...sums].map(([key, sum]) => [key, sum.pays, sum.receives, sum.assets, sum]);
    const name = (key) => (single ? label(key) : words(key));
    const open = (key) => page.set(single ? { sel: key, at: "", depth: "firms" } : sector ? { at: `${sector}/${key}` } : { at: key });
    return [crumbs, page.table(
      [{ label: single ? "Agent" : sector ? "Tier" : "Sector", show: (key) => el("button", { type: "button", class: "link", onclick: (event) => { event.stopPropagation(); open(key); } }, name(key)) },
        { label: "pays", n: true, show: short }, { label: "receives", n: true, show: short }, { label: "assets", n: true, show: short }],
      rows, {
        heading: single ? T("Agents, {what}", { what: chosen ? T(chosen.label) : words(tier) }) : sector ? T("Tiers, {what}", { what: words(sector) }) : "Sectors", caption: T("{when}, trn yen, of the kinds of flow that are shown", { when: picture.said }),
        pick: (row) => open(row[0]),
        csv: () => ({ name: `itcho-drill-down-${months[place]}.csv`, columns: [single ? "agent" : sector ? "tier" : "sector", "pays_trn_yen", "receives_trn_yen", "financial_assets_trn_yen"], rows: rows.map((row) => row.slice(0, 4)) }),
      }),
    el("p", { class: "note" }, "Choose a row, or click an agent in the picture. With the keyboard: arrow keys walk through the picture, Enter selects, Escape clears.")];
  }

  function agentPanel(node, state, place) {
    const flows = shownFlows(state, frameOf(place), node.key);
    const sheet = sheetOf([node.key], place);
    const rows = flows.map(([payer, payee, instrument, purpose, amount]) => payer === node.key
      ? ["pays", payee, purpose, -amount, instrument] : ["from", payer, purpose, amount, instrument]);
    return [
      el("h2", { id: "agent" }, node.label),
      el("p", { class: "note" }, `${words(node.sector)}, ${words(node.tier)}${node.members ? `; ${T("Stands for {count} {kind}", { count: node.members.toLocaleString("en-GB"), kind: T(node.member_kind) })}` : ""}. ${monthText(place)}.`),
      page.table([{ label: "Balance sheet", show: words }, { label: "trn yen", n: true, show: (value) => short(value) }], [...sheet, ["net financial assets", sheet.reduce((sum, row) => sum + row[1], 0)]], {
        total: true, heading: "What it holds and owes",
        csv: () => ({ name: `itcho-balance-sheet-${node.key}-${months[place]}.csv`, columns: ["month", "party", "instrument", "amount_trn_yen"], rows: sheet.map((row) => [months[place], node.key, ...row]) }),
      }),
      el("br"),
      page.table([{ label: "" }, { label: "Who", show: label }, { label: "For", show: words }, { label: "trn yen", n: true, show: (value) => short(value, true) }], rows, {
        heading: T("Transactions of the month, all kinds: {count}", { count: rows.length }), csv: () => flowFile(`transactions-${node.key}`, flows, place), scroll: "short",
      }),
    ];
  }

  /* ---------------------------------------------------------------- balance sheets */

  const sheetAmounts = page.floats(content.sheets.amount);
  const sheetRows = content.sheets.rows.map(([party, instrument], row) => ({ party, instrument, row }));
  const sheetAt = (row, place) => sheetAmounts[row * months.length + place];

  /** Instruments and amounts of parties together; zeroes left out, largest first. */
  function sheetOf(parties, place) {
    const sums = new Map();
    for (const { party, instrument, row } of sheetRows) {
      if (parties.includes(party)) sums.set(instrument, (sums.get(instrument) || 0) + sheetAt(row, place));
    }
    return [...sums].filter((row) => row[1] !== 0).sort((a, b) => b[1] - a[1]);
  }

  const joined = (instrument) => (instrument.startsWith("jgb_") ? "jgb" : instrument);

  function sheetFigure(heading, parties, place) {
    const ends = years.map((year) => months.findLastIndex((month, at) => at > 0 && fiscalYear(month) === year));
    const x = [years[0] - 1, ...years], at = [0, ...ends];
    const sums = new Map();
    for (const { party, instrument, row } of sheetRows) {
      if (!parties.includes(party)) continue;
      const name = joined(instrument);
      if (!sums.has(name)) sums.set(name, at.map(() => 0));
      at.forEach((month, slot) => { sums.get(name)[slot] += sheetAt(row, month); });
    }
    const size = (values) => Math.max(...values.map(Math.abs));
    const order = [...sums].sort((a, b) => size(b[1]) - size(a[1]));
    const kept = order.slice(0, 9), rest = order.slice(9);
    const series = kept.map(([name, values], slot) => ({ label: name === "jgb" ? T("JGBs, all maturities") : words(name), colour: charts.PALETTE[slot], values }));
    if (rest.length) series.push({ label: "Other", colour: "#c9ced3", values: at.map((_, slot) => rest.reduce((sum, [, values]) => sum + values[slot], 0)) });
    const net = at.map((_, slot) => order.reduce((sum, [, values]) => sum + values[slot], 0));
    const now = sheetOf(parties, place), then = Object.fromEntries(sheetOf(parties, 0));
    const gone = Object.entries(then).filter(([name]) => !now.some((row) => row[0] === name)).map(([name]) => [name, 0]);
    const rows = [...now, ...gone].map(([name, amount]) => [name, then[name] || 0, amount, amount - (then[name] || 0)]);
    const total = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0));
    return el("div", {},
      page.figure({
        heading, unit: "trn yen at market value, end of fiscal year (March); owed below zero; the line is net financial assets",
        picture: charts.stack({ x, series, total: net, names: x.map((year) => (year < years[0] ? monthText(0) : yearName(year))), label: T("{what}: balance sheet by instrument, fiscal years {first} to {last}", { what: T(heading), first: x[0], last: x[x.length - 1] }), width: 620, height: 290 }),
        legend: series, source: `${source}: balance_sheets.csv.`,
      }), el("br"),
      page.table([{ label: "Instrument", show: words }, { label: "opening", n: true, show: (v) => short(v) }, { label: monthName(months[place]), n: true, show: (v) => short(v) }, { label: "change", n: true, show: (v) => short(v, true) }],
        [...rows, ["net financial assets", ...total]], {
          heading: `${T(heading)}, ${T("trn yen")}`, total: true,
          csv: () => ({ name: `itcho-balance-sheet-${parties.join("-")}-${months[place]}.csv`, columns: ["instrument", "opening_trn_yen", "amount_trn_yen", "change_trn_yen"], rows }),
        }));
  }

  function balanceTab(panel) {
    const time = monthControl(), body = el("div", { class: "halves" }), pick = el("div");
    panel.append(el("h2", {}, "Balance sheets"), el("p", { class: "lead" }, "What the state and SoftBank hold and owe, straight from the ledger. Tables follow the month of the slider."),
      el("div", { class: "row" }, time.box, pick), body);
    const update = (state) => {
      time.update(state);
      const place = monthPlace(state);
      pick.replaceChildren(page.select("Second picture", scene.nodes.map((node) => [node.key, T(node.label)]), state.party, (party) => page.set({ party })));
      const party = nodeOf[state.party] ? state.party : "softbank_group";
      body.replaceChildren(sheetFigure("Government: general account and AI special account", content.sheets.government, place), sheetFigure(label(party), [party], place));
    };
    update.stop = time.stop;
    return update;
  }

  Object.assign(globalThis, { itchoRun: { named, months, closed, years, yearName, fiscalYear, when, monthName, monthPlace, twin, policy, colours, source, words, label, layerOf, yen, frameOf, monthControl } });
  page.head(content.title.split(": ").map((part) => T(part)).join(": "),
    [T(twin ? "Scenario {scenario}, policy {policy}, start {start}, seed {seed}, {count} months to {month}; dashed: the same world without the programme."
      : "Scenario {scenario}, policy {policy}, start {start}, seed {seed}, {count} months to {month}.", {
      scenario: content.manifest.scenario, policy, start: content.manifest.start, seed: content.manifest.seed, count: closed.length, month: monthName(months[months.length - 1]),
    }), ...(content.notes[T.code] || content.notes.en)].join(" "));
  page.tabs.push({ key: "network", label: "Who pays whom", build: networkTab });
  page.sheetsTab = { key: "sheets", label: "Balance sheets", build: balanceTab };
})();
