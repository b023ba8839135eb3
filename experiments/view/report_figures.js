"use strict";
/* The pictures of a run's page: outcomes, who moved the yen, where the trillion went, parameters. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "run") return;
  const { el, number, short } = page;
  const { months, closed, years, yearName, fiscalYear, when, monthName, monthPlace, twin, policy, colours, source, words, label, layerOf, yen } = globalThis.itchoRun;
  const x = closed.map(when);

  const seriesOf = (one) => [
    ...(one.twin ? [{ label: "no programme", colour: colours.twin, dash: "4 3", width: 1.3, values: one.twin }] : []),
    { label: policy, colour: colours.run, values: one.run },
  ];
  const legend = () => [{ label: policy, colour: colours.run }, ...(twin ? [{ label: "the same world without the programme", dash: true }] : [])];

  const unitOf = (one) => `${one.unit}${one.name.endsWith("_fy") ? ", fiscal year to date" : ""}`;

  /** One outcome by month: level with the twin behind it, or the difference from the twin. */
  function outcomeFigure(one, place, width, height, difference) {
    if (difference && one.twin) {
      const values = one.run.map((value, at) => (value === null || one.twin[at] === null ? null : value - one.twin[at]));
      return page.figure({
        heading: one.label, unit: `difference from no programme, ${unitOf(one)}`,
        picture: charts.lines({ x, series: [{ values, colour: "#D55E00" }], zero: true, cursor: place ? place - 1 : null, width, height, label: `${one.label}: difference from no programme by month, last ${short(values[values.length - 1], true)} ${one.unit}` }),
      });
    }
    return page.figure({
      heading: one.label, unit: unitOf(one),
      picture: charts.lines({ x, series: seriesOf(one), cursor: place ? place - 1 : null, width, height, label: `${one.label} (${one.unit}) by month, ${monthName(closed[0])} to ${monthName(closed[closed.length - 1])}: ${number(one.run[0], one.decimals)} to ${number(one.run[one.run.length - 1], one.decimals)}` }),
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
    panel.append(el("h2", {}, "Headline outcomes"), el("p", { class: "lead" }, `Every month of this one world${twin ? ", with the same world without the programme (same seed, same shocks)" : ""}. The dotted line is the month of the slider.`),
      control, grid, el("p", { class: "source" }, `${source}: monthly.csv and the registry of outcomes.`), chosen);
    return (state) => {
      const place = monthPlace(state);
      const difference = twin && state.diff === "difference";
      control.replaceChildren(
        ...(twin ? [page.choice("What is shown", [["level", "Level"], ["difference", "Difference from no programme"]], state.diff, (diff) => page.set({ diff }))] : []),
        page.csvButton(everyOutcome, "CSV, all outcomes"));
      grid.replaceChildren(...content.headline.map((name) => outcomeFigure(content.outcomes.find((one) => one.name === name), place, 420, 176, difference)));
      const one = content.outcomes.find((outcome) => outcome.name === state.outcome) || content.outcomes[0];
      const rows = one.years.map((year, at) => [yearName(year).slice(2), one.by_year[at], ...(one.twin ? [one.twin_by_year[at], one.by_year[at] - one.twin_by_year[at]] : [])]);
      const shown = (value) => number(value, Math.max(2, one.decimals));
      chosen.replaceChildren(
        el("h2", {}, "Any outcome"),
        el("div", { class: "row" }, page.select("Outcome", content.outcomes.map((outcome) => [outcome.name, `${outcome.label} (${outcome.unit})`]), one.name, (outcome) => page.set({ outcome }))),
        el("div", { class: "two" },
          el("div", {}, outcomeFigure(one, place, 760, 300, difference), difference ? null : el("div", { class: "legend" }, legend().map((item) => el("span", {}, item.dash ? el("i", { class: "dash" }) : el("i", { class: "swatch", style: { background: item.colour } }), item.label))),
            el("p", { class: "note" }, `${one.definition} Held against: ${one.source}.`)),
          page.table([{ label: "FY" }, { label: policy, n: true, show: shown }, ...(one.twin ? [{ label: "no programme", n: true, show: shown }, { label: "difference", n: true, show: (value) => short(value, true) }] : [])], rows, {
            heading: `${one.label}, ${one.unit}`, caption: one.reading === "mean" ? "Mean of the fiscal year" : "End of the fiscal year",
            csv: () => ({ name: `itcho-${one.name}.csv`, columns: ["month", policy, ...(one.twin ? ["none"] : [])], rows: closed.map((month, at) => [month, one.run[at], ...(one.twin ? [one.twin[at]] : [])]) }),
          })));
    };
  }

  /* Seventeen clients are too many colours: the picture joins kindred ones, the table does not. */
  const GROUPS = [
    ["Goods trade", ["goods_trade"]], ["Income and transfers", ["income_and_transfers"]], ["Chips and AI services", ["chip_imports", "ai_services"]],
    ["Japanese investors", ["households_and_funds", "insurers_and_pensions", "banks"]], ["Direct investment", ["direct_investment"]],
    ["Foreign investors", ["foreign_investors"]], ["Carry and other traders", ["carry_traders", "fundamentalists", "chartists"]],
    ["SoftBank", ["softbank"]], ["Dealers", ["dealers_reversal", "held_by_dealers"]], ["News", ["news"]], ["Intervention", ["intervention"]],
  ];

  function yenTab(panel) {
    const { clients, labels } = content.attribution;
    const body = el("div"), control = el("div", { class: "row" });
    panel.append(el("h2", {}, "Who moved the yen"),
      el("p", { class: "lead" }, "Each month’s change of USD/JPY, split by whose orders moved it. Impact is linear in orders, so the parts add up exactly. Up is a weaker yen."), control, body);
    return (state) => {
      const mode = twin && content.attribution.twin ? state.yen : "level";
      if (content.attribution.twin) control.replaceChildren(page.choice("What is shown", [["level", `Policy ${policy}`], ["difference", "Difference from no programme"]], mode, (key) => page.set({ yen: key })));
      const byYear = (values) => years.map((year) => values.reduce((sum, value, at) => (fiscalYear(closed[at]) === year ? sum + (value || 0) : sum), 0));
      const table = clients.map((name, at) => {
        const run = byYear(content.attribution.run[at]);
        return [name, ...(mode === "difference" ? run.map((value, slot) => value - byYear(content.attribution.twin[at])[slot]) : run)];
      });
      const grouped = GROUPS.map(([text, names], at) => ({
        label: text, colour: charts.PALETTE[at],
        values: years.map((_, slot) => table.filter((row) => names.includes(row[0])).reduce((sum, row) => sum + row[slot + 1], 0)),
      })).filter((one) => one.values.some((value) => Math.abs(value) > 1e-9));
      const known = new Set(GROUPS.flatMap((group) => group[1]));
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
          heading: what, unit: `log percent in the fiscal year (+ weaker yen); the line is the whole change${years.map(yearName).filter((name) => name.endsWith(")")).map((name) => `; ${name}`).join("")}`,
          picture: charts.stack({ x: years, series: grouped, total, label: `${what}, by client and fiscal year; whole change ${total.map((value, at) => `${yearName(years[at])}: ${number(value, 1, true)}`).join(", ")}`, width: 1180, height: 360 }),
          legend: grouped, source: `${source}: usdjpy_attribution.csv${mode === "difference" ? " and without_programme_usdjpy_attribution.csv" : ""}.`,
        }), el("br"),
        page.table([{ label: "Client" }, ...years.map((year) => ({ label: yearName(year), n: true, show: (value) => number(value, decimals, true) })), { label: "total", n: true, show: (value) => number(value, decimals, true) }], rows, {
          heading: `${what}, log percent`, total: true,
          csv: () => ({ name: `itcho-usdjpy-attribution-${mode}.csv`, columns: ["client", ...years.map((year) => `fy${year}_log_pct`), "total_log_pct"], rows }),
        }));
    };
  }

  function programmeTab(panel) {
    panel.append(el("h2", {}, "Where the trillion went"));
    const sankey = content.sankey, differences = content.differences;
    if (!differences) { panel.append(el("p", { class: "lead" }, "This run has no twin without a programme, so there is no difference to show.")); return null; }
    panel.append(el("p", { class: "lead" }, `The difference in ledger flows between policy ${policy} and the same world without a programme, summed over ${years.length} fiscal years. Money is fungible: no yen is traced, each bar is how much more one party paid another. What is paid less is drawn as what is left to its payer.`));
    if (sankey) {
      const headings = ["Pays the account", "Account, and what else comes in", "Supported", "Goes on to"];
      const picture = charts.sankey({
        nodes: sankey.nodes, links: sankey.links.map((link) => ({ ...link })), colour: Object.fromEntries(Object.values(layerOf).map((layer) => [layer.key, layer.colour])), amountText: yen, headings, width: 1180,
        label: `Flows of the difference: the programme paid or guaranteed ${yen(sankey.programme_trn_yen)}. ${sankey.links.slice(0, 8).map((link) => `${sankey.nodes[link.source].label} to ${sankey.nodes[link.target].label} ${yen(link.amount_trn_yen)}`).join("; ")}`,
      });
      const used = [...new Set(sankey.links.map((link) => link.layer))].map((key) => layerOf[key]);
      panel.append(page.figure({
        heading: `The programme paid or guaranteed ${yen(sankey.programme_trn_yen)}`, unit: `difference from no programme, ${yearName(years[0])} to ${yearName(years[years.length - 1])} together`,
        picture, legend: used.map((layer) => ({ label: layer.label, colour: layer.colour })), source: `${source}: edges.csv less without_programme_edges.csv. Bars below 0.6% of the programme are joined as “Others”.`,
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
        heading: `All of Japan: ${differences.of.toLocaleString("en-GB")} kinds of payment differ, the largest 120 listed`, scroll: "short",
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
      el("p", { class: "lead" }, changed.length ? `${changed.length} of ${content.parameters.length} differ from their defaults; they are marked.` : `All ${content.parameters.length} have their default values.`),
      el("div", { class: "row" }, el("label", {}, "Find ", find), el("label", {}, only, " only what differs from the default")), body);
    panel.append(section);
    const cell = (value) => (value === null || value === undefined ? "" : String(value));
    return (state) => {
      if (document.activeElement !== find) find.value = state.find;
      only.checked = state.changed === "1";
      const text = state.find.toLowerCase();
      const rows = content.parameters.filter((one) => (!only.checked || one.changed) && (!text || `${one.name} ${one.unit} ${one.source} ${one.note}`.toLowerCase().includes(text)));
      const columns = ["name", "value", "default", "unit", "low", "high", "known", "source", "note"];
      body.replaceChildren(page.table(columns.map((name) => ({ label: name, n: ["value", "default", "low", "high"].includes(name), show: cell })), rows.map((one) => [...columns.map((name) => one[name]), one.changed]), {
        heading: `${rows.length} parameters`, scroll: "tall", mark: (row) => row[9], markClass: "changed",
        csv: () => ({ name: "itcho-parameters.csv", columns, rows: rows.map((one) => columns.map((name) => one[name])) }),
      }));
    };
  }

  page.tabs.push(
    { key: "outcomes", label: "Outcomes", build: outcomesTab },
    { key: "yen", label: "Who moved the yen", build: yenTab },
    { key: "programme", label: "Where the trillion went", build: programmeTab },
    page.sheetsTab,
    { key: "made", label: "Parameters and provenance", build: parametersTab },
  );
  page.start();
})();
