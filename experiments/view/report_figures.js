"use strict";
/* The pictures of a run's page: outcomes, who moved the yen, where the trillion went, parameters. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "run") return;
  const { el, number, short } = page;
  const T = globalThis.itchoWords;
  const { named, months, closed, years, yearName, fiscalYear, when, monthName, monthPlace, twin, policy, colours, source, words, label, layerOf, yen } = globalThis.itchoRun;
  /** A picture's width and height; on a narrow screen it is drawn for its width, so that letters and heights can be read. */
  const size = (width, height) => (innerWidth < 640 ? [360, 205] : [width, height]);
  const pictureSize = (width, height) => { const [w, h] = size(width, height); return { width: w, height: h }; };

  const whole = years.filter((year) => closed.filter((month) => fiscalYear(month) === year).length === 12);

  /** Where and what is drawn of an outcome: every month, or each whole fiscal year of what runs up over the year. */
  function points(one) {
    if (!one.to_date || !whole.length) return { x: closed.map(when), names: closed.map(monthName), run: one.run, twin: one.twin, unit: T(one.unit), yearly: false };
    const kept = whole.map((year) => one.years.indexOf(year));
    return {
      x: whole.map((year) => year + 1.25), names: whole.map(yearName), run: kept.map((at) => one.by_year[at]),
      twin: one.twin_by_year && kept.map((at) => one.twin_by_year[at]), unit: T("{unit}, whole fiscal years", { unit: T(one.unit) }), yearly: true,
    };
  }

  // The twin lies over the run, thin and dashed: both are seen where they are one.
  const seriesOf = (drawn) => [
    { label: policy, colour: colours.run, width: 2.2, values: drawn.run, dots: drawn.yearly },
    ...(drawn.twin ? [{ label: "no programme", colour: colours.twin, dash: "3 3", width: 1.1, values: drawn.twin }] : []),
  ];
  const legend = () => [{ label: policy, colour: colours.run }, ...(twin ? [{ label: "the same world without the programme", dash: true }] : [])];
  const cursorOf = (place, drawn) => {
    if (!place) return null;
    const found = drawn.yearly ? whole.indexOf(fiscalYear(closed[place - 1])) : place - 1;
    return found < 0 ? null : found;
  };

  /** What is claimed in public or projected of an outcome, as a chart shades it. */
  const shaded = (range, sign = false) => {
    const [low, high] = [range.low, range.high].map((value) => short(value, sign)), span = low === high ? low : T("{low} to {high}", { low, high });
    return { ...range, text: T(range.who ? "{who}, {years}: {span}" : "claimed of {years}: {span}", { who: T(range.who), years: range.years, span }) };
  };
  const rangesOf = (one) => (content.ranges[one.name] || []).map((range) => shaded(range));

  /** What is claimed of the difference that the policy makes; percents are of the twin in the months that are claimed of. */
  const changesOf = (one, { x, twin: beside }) => (content.changes[one.name] || []).flatMap((range) => {
    if (!range.percent) return [shaded(range, true)];
    const base = beside.filter((value, at) => value !== null && x[at] > range.from && x[at] <= range.to + 1e-6);
    const unit = base.reduce((sum, value) => sum + value, 0) / base.length / 100;
    return base.length ? [shaded({ ...range, low: range.low * unit, high: range.high * unit }, true)] : [];
  });

  /** One outcome by month: level with the twin behind it, or the difference from the twin. */
  function outcomeFigure(one, place, width, height, difference) {
    const drawn = points(one), { x, names } = drawn, cursor = cursorOf(place, drawn), last = drawn.run.length - 1;
    if (difference && drawn.twin) {
      const values = drawn.run.map((value, at) => (value === null || drawn.twin[at] === null ? null : value - drawn.twin[at]));
      return page.figure({
        heading: one.label, unit: T("difference from no programme, {unit}", { unit: T(one.difference_unit) + (drawn.yearly ? T(", whole fiscal years") : "") }),
        picture: charts.lines({
          x, names, series: [{ label: "difference", values, colour: "#D55E00", dots: drawn.yearly }], zero: true, cursor, width, height, decimals: one.decimals + 2, sign: true, ranges: changesOf(one, drawn),
          label: T("{what}: difference from no programme, last {value} {unit}", { what: T(one.label), value: short(values[last], true), unit: T(one.difference_unit) }),
        }),
      });
    }
    return page.figure({
      heading: one.label, unit: drawn.unit,
      picture: charts.lines({
        x, names, series: seriesOf(drawn), cursor, width, height, decimals: Math.max(2, one.decimals), ranges: rangesOf(one),
        label: T("{what} ({unit}), {first} to {last}: {from} to {to}", { what: T(one.label), unit: T(one.unit), first: names[0], last: names[last], from: number(drawn.run[0], one.decimals), to: number(drawn.run[last], one.decimals) }),
      }),
    });
  }

  /** All outcomes by month, of the run and of its twin. */
  function everyOutcome() {
    const sides = twin ? [["run", policy], ["twin", "none"]] : [["run", policy]];
    return {
      name: "itcho-outcomes.csv", columns: ["month", "policy", ...content.outcomes.map((one) => one.name)],
      rows: sides.flatMap(([side, name]) => closed.map((month, at) => [month, name, ...content.outcomes.map((one) => (one[side] ? one[side][at] : null))])),
    };
  }

  function outcomesTab(panel) {
    const grid = el("div", { class: "figures" }), chosen = el("section"), control = el("div", { class: "row" });
    panel.append(el("h2", {}, "Headline outcomes"), el("p", { class: "lead" }, twin ? "Every month of this one world, with the same world without the programme (same seed, same shocks). Amounts of a fiscal year are shown for whole years. The dotted line is the month of the slider."
        : "Every month of this one world. Amounts of a fiscal year are shown for whole years. The dotted line is the month of the slider."),
      control, grid, el("p", { class: "source" }, [T("Green: what is claimed in public or projected for those years; no run aims at it."), T("{source}: monthly.csv and the registry of outcomes.", { source })].join(" ")), chosen);
    return (state) => {
      const place = monthPlace(state);
      const difference = twin && state.diff === "difference";
      control.replaceChildren(
        ...(twin ? [page.choice("What is shown", [["level", "Level"], ["difference", "Difference from no programme"]], state.diff, (diff) => page.set({ diff }))] : []),
        page.csvButton(everyOutcome, "CSV, all outcomes"));
      grid.replaceChildren(...content.headline.map((name) => outcomeFigure(content.outcomes.find((one) => one.name === name), place, ...size(420, 176), difference)));
      const one = content.outcomes.find((outcome) => outcome.name === state.outcome) || content.outcomes[0];
      const rows = one.years.map((year, at) => [year, one.by_year[at], ...(one.twin ? [one.twin_by_year[at], one.by_year[at] - one.twin_by_year[at]] : [])]);
      const shown = (value) => number(value, Math.max(2, one.decimals));
      chosen.replaceChildren(
        el("h2", {}, "Any outcome"),
        el("div", { class: "row" }, page.select("Outcome", content.outcomes.map((outcome) => [outcome.name, `${T(outcome.label)} (${T(outcome.unit)})`]), one.name, (outcome) => page.set({ outcome }))),
        el("div", { class: "two" },
          el("div", {}, outcomeFigure(one, place, ...size(760, 300), difference), difference ? null : el("div", { class: "legend" }, legend().map((item) => el("span", {}, item.dash ? el("i", { class: "dash" }) : el("i", { class: "swatch", style: { background: item.colour } }), item.label))),
            // The registry defines its outcomes in English.
            T.code === "en" ? el("p", { class: "note" }, `${one.definition} Held against: ${one.source}.`) : null),
          page.table([{ label: "FY", show: (year) => yearName(year).replace(/^FY/, "") }, { label: policy, n: true, show: shown }, ...(one.twin ? [{ label: "no programme", n: true, show: shown }, { label: "difference", n: true, show: (value) => short(value, true) }] : [])], rows, {
            heading: `${T(one.label)}, ${T(one.unit)}`, caption: one.reading === "mean" ? "Mean of the fiscal year" : "End of the fiscal year",
            csv: () => ({ name: `itcho-${one.name}.csv`, columns: ["month", policy, ...(one.twin ? ["none"] : [])], rows: closed.map((month, at) => [month, one.run[at], ...(one.twin ? [one.twin[at]] : [])]) }),
          })));
    };
  }

  /* Seventeen clients are too many colours: pictures join kindred ones, the table does not. */
  const GROUPS = content.attribution.groups;

  function yenTab(panel) {
    const { clients, labels } = content.attribution;
    const body = el("div"), control = el("div", { class: "row" });
    panel.append(el("h2", {}, "Who moved the yen"),
      el("p", { class: "lead" }, "Each month’s change of USD/JPY, split by whose orders moved it. Impact is linear in orders, so the parts add up exactly. Up is a weaker yen."), page.yenBars(), el("br"), control, body);
    return (state) => {
      const mode = twin && content.attribution.twin ? state.yen : "level";
      if (content.attribution.twin) control.replaceChildren(page.choice("What is shown", [["level", T("Policy {policy}", { policy })], ["difference", "Difference from no programme"]], mode, (key) => page.set({ yen: key })));
      const byYear = (values) => years.map((year) => values.reduce((sum, value, at) => (fiscalYear(closed[at]) === year ? sum + (value || 0) : sum), 0));
      const table = clients.map((name, at) => {
        const run = byYear(content.attribution.run[at]);
        return [name, ...(mode === "difference" ? run.map((value, slot) => value - byYear(content.attribution.twin[at])[slot]) : run)];
      });
      const grouped = GROUPS.map(({ label: text, colour, parts }) => ({
        label: mode === "difference" && parts.includes("news") ? "What traders made of common shocks" : text, colour,
        values: years.map((_, slot) => table.filter((row) => parts.includes(row[0])).reduce((sum, row) => sum + row[slot + 1], 0)),
      })).filter((one) => one.values.some((value) => Math.abs(value) > 1e-9));
      const known = new Set(GROUPS.flatMap((group) => group.parts));
      const others = table.filter((row) => !known.has(row[0]));
      if (others.length) grouped.push({ label: "Others", colour: "#c9ced3", values: years.map((_, slot) => others.reduce((sum, row) => sum + row[slot + 1], 0)) });
      const total = years.map((_, slot) => table.reduce((sum, row) => sum + row[slot + 1], 0));
      const rows = table.map((row) => [labels[clients.indexOf(row[0])], ...row.slice(1), row.slice(1).reduce((sum, value) => sum + value, 0)])
        .sort((a, b) => Math.abs(b[b.length - 1]) - Math.abs(a[a.length - 1]));
      rows.push(["USD/JPY, all together", ...total, total.reduce((sum, value) => sum + value, 0)]);
      const what = mode === "difference" ? "Difference the programme makes to what moved USD/JPY" : "What moved USD/JPY";
      const decimals = mode === "difference" ? 3 : 1;
      body.replaceChildren(
        page.figure({
          heading: what, unit: [T("log percent in the fiscal year (+ weaker yen); the line is the whole change"), ...years.map(yearName).filter((name) => name.endsWith(")"))].join("; "),
          picture: charts.stack({
            x: years, names: years.map(yearName), series: grouped, total, decimals: mode === "difference" ? 3 : 2, width: 1180, height: 360,
            label: T("{what}, by client and fiscal year; whole change {changes}", { what: T(what), changes: total.map((value, at) => `${yearName(years[at])}: ${number(value, 1, true)}`).join(", ") }),
          }),
          legend: grouped, source: `${source}: usdjpy_attribution.csv${mode === "difference" ? ", without_programme_usdjpy_attribution.csv" : ""}.`,
        }), el("br"),
        page.table([{ label: "Client" }, ...years.map((year) => ({ label: yearName(year), n: true, show: (value) => number(value, decimals, true) })), { label: "total", n: true, show: (value) => number(value, decimals, true) }], rows, {
          heading: `${T(what)}, ${T("log percent")}`, total: true,
          csv: () => ({ name: `itcho-usdjpy-attribution-${mode}.csv`, columns: ["client", ...years.map((year) => `fy${year}_log_pct`), "total_log_pct"], rows }),
        }));
    };
  }

  function programmeTab(panel) {
    panel.append(el("h2", {}, "Where the trillion went"));
    const sankey = content.sankey, differences = content.differences;
    if (!differences) { panel.append(el("p", { class: "lead" }, "This run has no twin without a programme, so there is no difference to show.")); return null; }
    panel.append(el("p", { class: "lead" }, T("The difference in ledger flows between policy {policy} and the same world without a programme, summed over {count} fiscal years. Money is fungible: no yen is traced, each bar is how much more one party paid another. What is paid less is drawn as what is left to its payer.", { policy, count: years.length })));
    if (sankey) {
      const headings = ["Pays the account", "Account, and what else comes in", "Supported", "Goes on to"];
      const picture = charts.sankey({
        nodes: sankey.nodes, links: sankey.links.map((link) => ({ ...link })), colour: Object.fromEntries(Object.values(layerOf).map((layer) => [layer.key, layer.colour])), amountText: yen, headings, width: 1180,
        label: T("Flows of the difference: the programme paid or guaranteed {amount}. {links}", {
          amount: yen(sankey.programme_trn_yen),
          links: sankey.links.slice(0, 8).map((link) => T("{payer} to {payee}: {amount}", { payer: T(sankey.nodes[link.source].label), payee: T(sankey.nodes[link.target].label), amount: yen(link.amount_trn_yen) })).join("; "),
        }),
      });
      const used = [...new Set(sankey.links.map((link) => link.layer))].map((key) => layerOf[key]);
      panel.append(page.figure({
        heading: T("The programme paid or guaranteed {amount}", { amount: yen(sankey.programme_trn_yen) }), unit: T("difference from no programme, {first} to {last} together", { first: yearName(years[0]), last: yearName(years[years.length - 1]) }),
        picture, legend: used.map((layer) => ({ label: layer.label, colour: layer.colour })), source: T("{source}: edges.csv less without_programme_edges.csv. Bars below 0.6% of the programme are joined as “Others”.", { source }),
      }), el("br"));
    } else {
      panel.append(el("p", {}, "The programme paid and guaranteed nothing in this run; what it changed all the same is in the table."));
    }
    const bars = sankey ? sankey.links.map((link) => [sankey.nodes[link.source].label, sankey.nodes[link.target].label, layerOf[link.layer].label, link.amount_trn_yen]) : [];
    const rows = differences.rows;
    panel.append(el("div", { class: sankey ? "halves" : "" },
      !sankey ? "" : page.table([{ label: "From" }, { label: "To" }, { label: "Kind" }, { label: "trn yen", n: true, show: (value) => short(value, true) }], bars, {
        heading: "The bars of the picture", scroll: "short", csv: () => ({ name: "itcho-programme-bars.csv", columns: ["from", "to", "kind", "difference_trn_yen"], rows: bars }),
      }),
      page.table([{ label: "Payer", show: label }, { label: "Payee", show: label }, { label: "For", show: words }, { label: "Instrument", show: words }, { label: "trn yen", n: true, show: (value) => short(value, true) }], rows.slice(0, 120).map((row) => row.slice(0, 2).concat(row[3], row[2], row[4])), {
        heading: T("All of Japan: {count} kinds of payment differ, the largest 120 listed", { count: differences.of.toLocaleString("en-GB") }), scroll: "short",
        csv: () => ({ name: "itcho-programme-differences.csv", columns: ["payer", "payee", "instrument", "purpose", "difference_trn_yen"], rows: rows.map((row) => row.slice(0, 5)) }),
      })));
    return null;
  }

  function parametersTab(panel) {
    panel.append(page.provenance(content.manifest));
    const changed = content.parameters.filter((one) => one.changed);
    const section = el("section"), body = el("div");
    const find = el("input", { type: "search", "aria-label": "Find a parameter", placeholder: "name, unit, source", oninput: () => page.set({ find: find.value }) });
    const only = el("input", { type: "checkbox", onchange: () => page.set({ changed: only.checked ? "1" : "" }) });
    section.append(el("h2", {}, "Parameters"),
      el("p", { class: "lead" }, changed.length ? T("{count} of {all} differ from their defaults; they are marked.", { count: changed.length, all: content.parameters.length }) : T("All {all} have their default values.", { all: content.parameters.length })),
      el("div", { class: "row" }, el("label", {}, T("Find"), " ", find), el("label", {}, only, " ", "only what differs from the default")), body);
    panel.append(section);
    // The registry of parameters is in English; its text is data and not looked up.
    const cell = (value) => document.createTextNode(value === null || value === undefined ? "" : String(value));
    return (state) => {
      if (document.activeElement !== find) find.value = state.find;
      only.checked = state.changed === "1";
      const text = state.find.toLowerCase();
      const rows = content.parameters.filter((one) => (!only.checked || one.changed) && (!text || `${one.name} ${one.unit} ${one.source} ${one.note}`.toLowerCase().includes(text)));
      const columns = ["name", "value", "default", "unit", "low", "high", "known", "source", "note"];
      body.replaceChildren(page.table(columns.map((name) => ({ label: name, n: ["value", "default", "low", "high"].includes(name), show: cell })), rows.map((one) => [...columns.map((name) => one[name]), one.changed]), {
        heading: T("{count} parameters", { count: rows.length }), scroll: "tall", mark: (row) => row[9], markClass: "changed",
        csv: () => ({ name: "itcho-parameters.csv", columns, rows: rows.map((one) => columns.map((name) => one[name])) }),
      }));
    };
  }

  /** All pairs of worlds: what the programme does in them, and how far they lie apart. */
  function worldsTab(panel) {
    const { pairs, years: fiscal, rows, fans, picture } = content.ensemble;
    const of = Object.fromEntries(fans.map((one) => [one.name, one]));
    const names = fiscal.map((year) => T("FY{year}", { year }));
    const share = (value) => (value === null ? "–" : `${Math.round(100 * value)}%`);
    const cells = (year) => rows.filter((row) => row.fiscal_year === year).map((row) => {
      const one = of[row.outcome], shown = (value) => number(value, one.decimals + 1, true);
      return [`${T(one.label)} (${T(one.unit)})`, number(row.without, one.decimals), number(row.with, one.decimals), shown(row.effect), T("{low} to {high}", { low: shown(row.low_90), high: shown(row.high_90) }), row.share_worse];
    });
    panel.append(
      el("h2", {}, T("What the programme does in {pairs} pairs of worlds", { pairs })),
      el("p", { class: "lead" }, T("Each pair is one world with policy {policy} and the same world, with the same luck, without the programme. Means over the worlds; nine effects of ten lie in the band; “worse” is the share of worlds that are worse with the programme (a weaker yen, more debt, fewer jobs). The other parts of this page show one of these worlds, the typical one.", { policy })),
      ...[...new Set(rows.map((row) => row.fiscal_year))].map((year, place) => page.table([{ label: "outcome" }, { label: "without", n: true }, { label: "with", n: true }, { label: "effect", n: true }, { label: "90% band", n: true }, { label: "worse", n: true, show: share }], cells(year), {
        csv: place ? null : () => ({ name: "itcho-ensemble.csv", columns: Object.keys(rows[0]), rows: rows.map((row) => Object.values(row)) }), heading: `${T("{pairs} pairs of worlds", { pairs })}, ${T("FY{year}", { year })}`, stacked: true,
      })),
      el("br"), el("h2", {}, "Where the worlds lie"),
      el("p", { class: "lead" }, "Dark: half of the worlds; light: nine of ten; the line is the median with the programme, dashed the median without it, grey the typical world. Orange: what the programme changes."),
      el("div", { class: "figures" }, picture.filter((name) => of[name]).flatMap((name) => {
        const one = of[name], ends = (lines) => [Math.min(...lines[0]), Math.max(...lines[4])];
        const chart = (lines, colour, extra, decimals, label) => charts.fan({
          x: fiscal, names, decimals, colour, median: lines[2], bands: [[lines[0], lines[4]], [lines[1], lines[3]]], low: ends(lines)[0], high: ends(lines)[1], ...pictureSize(420, 190), extra, label,
          bandNames: ["nine worlds of ten", "half of the worlds"],
        });
        return el("div", {},
          page.figure({ heading: one.label, unit: one.unit, picture: chart(one.level, colours.run, [{ label: "without it, median", colour: colours.twin, dash: "3 3", values: one.without }, { label: "the typical world", colour: "#8c8c8c", values: one.typical }], Math.max(1, one.decimals), T("{what}: where the worlds lie", { what: T(one.label) })) }),
          page.figure({ heading: "what the programme changes", unit: one.difference_unit, picture: chart(one.effect, "#D55E00", [], one.decimals + 1, T("{what}: what the programme changes", { what: T(one.label) })) }));
      })));
    return null;
  }

  if (content.ensemble) page.tabs.unshift({ key: "worlds", label: "Many worlds", build: worldsTab });
  page.tabs.push(
    { key: "outcomes", label: "Outcomes", build: outcomesTab },
    { key: "yen", label: "Who moved the yen", build: yenTab },
    ...(page.whyTab ? [page.whyTab] : []),
    { key: "programme", label: "Where the trillion went", build: programmeTab },
    page.sheetsTab,
    ...(page.lessonTab ? [page.lessonTab] : []),
    { key: "made", label: "Parameters and provenance", build: parametersTab },
  );
  page.start();
})();
