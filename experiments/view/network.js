"use strict";
/* Who pays whom, on one canvas: agents or groups of them, their flows as particles along curved edges.
   Needs nothing but a browser.  All names are drawn as text.  `network_paint.js` holds what is drawn and how. */

(() => {
  const T = globalThis.itchoWords;
  const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Hiragino Sans", sans-serif';
  const MOST_DOTS = 260, MOST_PARTICLES = 3000, MOST_MOVED = 160;
  const LEAST = 1e-12, WIDEST = 18;

  /** An amount of trillion yen with the unit that reads best. */
  function yenText(trillion) {
    const size = Math.abs(trillion), text = (value, most) => T.number(value, 0, most);
    if (size >= 0.9995) return T("{amount} trn yen", { amount: text(trillion, size >= 100 ? 0 : 2) });
    // Japanese and Chinese count in hundreds of millions.
    if (T.code !== "en" && size >= 1e-4) return T("{amount} hundred m yen", { amount: text(trillion * 1e4, size >= 0.01 ? 0 : 1) });
    if (size >= 1e-3) return T("{amount} bn yen", { amount: text(trillion * 1e3, size >= 0.1 ? 0 : 1) });
    return T("{amount} m yen", { amount: (trillion * 1e6).toLocaleString("en-GB", { maximumSignificantDigits: 3 }) });
  }

  class FlowNetwork {
    /**
     * @param {HTMLCanvasElement} canvas fills its parent, which must have a size and `position: relative`.
     * @param {{nodes, links, columns, layers, depths, contracts, not_drawn}} scene as `Scene.to_json()` gives it.
     * @param {{layerMax?, speed?, reducedMotion?, mode?, layers?, words?, depth?, moves?}} options
     *   layerMax: {layer: largest amount} so that widths of named firms mean the same in every month; else the largest
     *   seen so far.  words: function(purpose) that gives the text shown for a purpose.  depth: key of the depth it
     *   opens at.  moves: milliseconds in which widths go from one month's to the next's.
     */
    constructor(canvas, scene, options = {}) {
      Object.assign(this, { canvas, scene, options });
      this.words = options.words || ((purpose) => purpose.replace(/_/g, " "));
      this.mode = options.mode || "money";
      this.layers = new Set(options.layers || scene.layers.filter((l) => l.shown).map((l) => l.key));
      this.colour = Object.fromEntries(scene.layers.map((l) => [l.key, l.colour]));
      this.layerLabel = Object.fromEntries(scene.layers.map((l) => [l.key, T(l.label)]));
      this.layerMax = { ...(options.layerMax || {}) };
      this.fixedMax = Boolean(options.layerMax);
      this.frame = this.selected = this.focused = this.moving = null;
      [this.edges, this.allEdges, this.listeners, this.limits, this.spots] = [[], [], [], [], []];
      this.stats = { drawn: 0, edges: 0, particles: 0, milliseconds: 0, layouts: 0 };
      // Edges lie under the particles and nodes over them, each on a sheet of its own: a frame draws particles alone.
      [this.under, this.over] = [document.createElement("canvas"), document.createElement("canvas")];
      this.lines = new Map();
      this.abort = new AbortController();
      const query = matchMedia("(prefers-reduced-motion: reduce)");
      this.still = options.reducedMotion ?? query.matches;
      query.addEventListener("change", () => {
        this.still = options.reducedMotion ?? query.matches;
        this._start();
      }, { signal: this.abort.signal });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint(), { signal: this.abort.signal });
      this.depth = options.depth || ((scene.depths || [])[0] || { key: "firms" }).key;
      this._furnish();
      this._theme();
      this._populate();
      this._listen();
      this._resize();
      this._start();
    }

    /** Show a month, or a sum of months: `{month, size, flows, edges}` as `Frame.to_json()` gives it; amounts below zero are payments that are less. */
    setFrame(frame) {
      const before = new Map(this.allEdges.map((edge) => [edge.key, edge.shown]));
      const wasShown = Boolean(this.frame);
      this.frame = frame;
      this._merge();
      for (const edge of this.allEdges) edge.from = before.get(edge.key) || 0;
      this.moving = null;
      if (wasShown && !this.still && this.options.moves && this.allEdges.length <= MOST_MOVED) {
        this.moving = { began: performance.now(), from: this.spots.map((spot) => spot.r) };
        for (const edge of this.allEdges) edge.shown = edge.from;
      }
      this._rebuild();
    }

    /** "trillion", "sectors" or "firms". */
    setDepth(key) {
      if (key === this.depth) return;
      this.depth = key;
      this.selected = this.focused = this.moving = null;
      this._populate();
      if (this.frame) this._merge();
      this._rebuild();
    }

    /** Limits that bind in the month: [[id of the scene's node, label], …]. */
    setLimits(found) { this.limits = found; this._paintNodes(); this._draw(); }

    /** Which kinds of flow are drawn: keys of layers. */
    setLayers(keys) { this.layers = new Set(keys); this._rebuild(); }

    /** "money" moves from payer to payee; "goods" shows what was given for it, the other way. */
    setMode(mode) { this.mode = mode === "goods" ? "goods" : "money"; this._rebuild(); }

    /** Select a node by id, or nothing with null; listeners are told unless `silent`. */
    select(id, silent = false) {
      this.selected = id;
      this._rebuild();
      if (!silent) for (const listener of this.listeners) listener(id === null ? null : this.nodes[id]);
    }

    /** Call `listener(node or null)` whenever the selection changes; `node.holds` are ids of the scene's nodes. */
    onSelect(listener) { this.listeners.push(listener); }

    /** The node that stands for a key: of a party of the ledger, or of a group. */
    nodeOf(key) {
      const found = this.nodes.find((node) => node.key === key);
      if (found) return found;
      const party = this.scene.nodes.find((node) => node.key === key);
      return party ? this.nodes.find((node) => node.holds.includes(party.id)) : undefined;
    }

    /** Take the words of the language that is chosen now. */
    relabel() {
      this.layerLabel = Object.fromEntries(this.scene.layers.map((layer) => [layer.key, T(layer.label)]));
      this._rebuild();
    }

    /** Take the colours of the page as they are now. */
    repaint() { this._theme(); this._rebuild(); }

    /** Place of a node on the canvas, in CSS pixels: {x, y, r}. */
    place(id) { return this.spots[id]; }

    /** The picture in words. */
    describe() {
      if (!this.frame) return T("Network of agents; no month is shown yet.");
      const largest = [...this.edges].sort((a, b) => b.amount - a.amount).slice(0, 5).map((edge) => this._edgeText(edge));
      return T("Network of {agents} agents, {month}: {flows} flows drawn, {way}. Largest: {largest}.", {
        agents: this.nodes.length, month: this.frame.month, flows: this.edges.length,
        way: T(this.mode === "money" ? "from payer to payee" : "from seller to buyer"), largest: largest.join("; "),
      });
    }

    /** Stop drawing and let go of the page. */
    destroy() {
      cancelAnimationFrame(this.request);
      this.resizer.disconnect();
      this.abort.abort();
      for (const part of [this.tip, this.live, this.under, this.over]) part.remove();
    }

    /** What is seen, on one canvas. */
    picture() {
      const whole = document.createElement("canvas");
      [whole.width, whole.height] = [this.canvas.width, this.canvas.height];
      for (const sheet of [this.under, this.canvas, this.over]) whole.getContext("2d").drawImage(sheet, 0, 0);
      return whole;
    }

    /* The nodes of the depth: groups of the scene's, or these themselves. */
    _populate() {
      const depth = (this.scene.depths || []).find((one) => one.key === this.depth);
      this.grouped = Boolean(depth && depth.nodes.length);
      this.of = this.grouped ? depth.of : this.scene.nodes.map((node) => node.id);
      this.nodes = !this.grouped ? this.scene.nodes.map((node) => ({ ...node, holds: [node.id] })) : depth.nodes.map((group, id) => {
        const holds = this.scene.nodes.filter((node) => depth.of[node.id] === id);
        const kinds = new Set(holds.filter((node) => node.members).map((node) => node.member_kind));
        return {
          ...group, id, holds: holds.map((node) => node.id), key: holds.length === 1 ? holds[0].key : `group:${group.key}`,
          members: kinds.size === 1 && holds.every((node) => node.members) ? holds.reduce((sum, node) => sum + node.members, 0) : 0, member_kind: [...kinds][0] || "",
        };
      });
      this.contracts = this.nodes.map(() => ({}));
      for (const [source, target, kind, edges] of this.scene.links || []) {
        if (!(this.scene.contracts || {})[kind]) continue;
        for (const id of new Set([this.of[source], this.of[target]])) this.contracts[id][kind] = (this.contracts[id][kind] || 0) + edges;
      }
      this.links = new Map();
      for (const [source, target] of this.scene.links || []) {
        const [a, b] = [this.of[source], this.of[target]];
        if (a !== b) this.links.set(a * 65536 + b, [a, b]);
      }
    }

    /* The frame's edges between the nodes of the depth, of one kind together. */
    _merge() {
      const merged = new Map();
      for (const [payer, payee, flow, amount] of this.frame.edges) {
        const [instrument, purpose, layer] = this.frame.flows[flow], source = this.of[payer], target = this.of[payee];
        if (source === target) continue;
        const key = (source * 65536 + target) + layer;
        let edge = merged.get(key);
        if (!edge) merged.set(key, (edge = { key, source, target, layer, signed: 0, parts: [] }));
        edge.signed += amount;
        edge.parts.push([purpose, instrument, amount]);
      }
      this.allEdges = [...merged.values()].filter((edge) => Math.abs(edge.signed) > LEAST);
      for (const edge of this.allEdges) {
        edge.amount = edge.shown = Math.abs(edge.signed);
        if (!this.fixedMax) this.layerMax[edge.layer] = Math.max(this.layerMax[edge.layer] || 0, edge.amount);
      }
      this.size = this.nodes.map((node) => node.holds.reduce((sum, id) => sum + Math.max(0, this.frame.size[id] || 0), 0));
    }

    _furnish() {
      const parent = this.canvas.parentElement;
      this.tip = document.createElement("div");
      this.tip.className = "flow-network-tip";
      this.tip.hidden = true;
      Object.assign(this.tip.style, {
        position: "absolute", pointerEvents: "none", background: "var(--paper, #ffffff)", color: "var(--ink, #1d2733)", border: "1px solid var(--line, #c9d0d6)",
        borderRadius: "4px", padding: "6px 9px", font: `12px/1.45 ${FONT}`, maxWidth: "300px", zIndex: "5",
        boxShadow: "0 2px 8px rgba(20,30,40,.12)",
      });
      this.live = document.createElement("div");
      this.live.setAttribute("aria-live", "polite");
      Object.assign(this.live.style, {
        position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)",
      });
      parent.append(this.under, this.over, this.tip, this.live);
      parent.style.isolation = "isolate";
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
      this.canvas.setAttribute("aria-roledescription", "network; arrow keys walk from agent to agent, Enter selects, Escape clears");
      [this.under, this.canvas, this.over].forEach((sheet, depth) => {
        Object.assign(sheet.style, { position: "absolute", inset: "0", width: "100%", height: "100%", zIndex: String(depth) });
        if (sheet !== this.canvas) { sheet.style.pointerEvents = "none"; sheet.setAttribute("aria-hidden", "true"); }
      });
      this.canvas.style.outlineOffset = "-2px";
    }

    _listen() {
      const on = (what, act) => this.canvas.addEventListener(what, act, { signal: this.abort.signal });
      on("pointermove", (event) => this._hover(event));
      on("pointerleave", () => { this.tip.hidden = true; });
      on("click", (event) => {
        const found = this._nodeAt(event);
        this.focused = found;
        this.select(found);
      });
      on("focus", () => { if (this.focused === null && this.canvas.matches(":focus-visible")) this._focusOn(this.selected ?? 0); });
      on("blur", () => { this.focused = null; this.tip.hidden = true; this._draw(); });
      on("keydown", (event) => this._key(event));
      this.resizer = new ResizeObserver(() => this._resize());
      this.resizer.observe(this.canvas.parentElement);
    }

    _key(event) {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (step) this._focusOn(this._neighbour(this.focused ?? 0, ...step));
      else if (event.key === "Home") this._focusOn(0);
      else if (event.key === "End") this._focusOn(this.nodes.length - 1);
      else if (event.key === "Enter" || event.key === " ") this.select(this.focused);
      else if (event.key === "Escape") { this.select(null); this.tip.hidden = true; }
      else return;
      event.preventDefault();
    }

    _neighbour(from, dx, dy) {
      const here = this.spots[from];
      let best = from, nearest = Infinity;
      for (const node of this.nodes) {
        const spot = this.spots[node.id], across = spot.x - here.x, down = spot.y - here.y;
        const along = across * dx + down * dy, aside = Math.abs(dx ? down : across);
        if (node.id === from || along < 1 || (dy && aside > along)) continue;
        const far = along + 2 * aside;
        if (far < nearest) { nearest = far; best = node.id; }
      }
      return best;
    }

    _focusOn(id) {
      this.focused = id;
      const lines = this._nodeLines(id);
      this.live.textContent = lines.join(". ");
      this._tip(lines, this.spots[id].x + 14, this.spots[id].y + 14);
      this._paintNodes();
      this._draw();
    }

    _resize() {
      const { clientWidth, clientHeight } = this.canvas.parentElement;
      if (!clientWidth && this.width) return;
      this.width = Math.max(280, clientWidth);
      this.height = Math.max(240, clientHeight);
      this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
      for (const sheet of [this.canvas, this.under, this.over]) {
        sheet.width = Math.round(this.width * this.ratio);
        sheet.height = Math.round(this.height * this.ratio);
      }
      this._rebuild();
    }

    _spot(node) {
      const size = this.frame ? this.size[node.id] : 0;
      const r = Math.max(this.grouped ? 7 : 4, 6.2 * Math.max(size, 0) ** 0.2);
      if (this.grouped) {
        const [x, y] = this.width < 640 ? node.narrow : node.wide;
        return { x: x * this.width, y: 26 + y * (this.height - 62), r };
      }
      return { x: 20 + node.x * (this.width - 40), y: 26 + node.y * (this.height - 40), r };
    }

    _rebuild() {
      if (!this.width) return;
      this.spots = this.nodes.map((node) => this._spot(node));
      this.edges = this.allEdges.filter((edge) => this.layers.has(edge.layer)).sort((a, b) => a.amount - b.amount);
      // One scale of yen for all kinds: a round amount at or above the largest that is drawn.
      const most = this.edges.length ? this.edges[this.edges.length - 1].amount : 0, power = 10 ** Math.floor(Math.log10(most || 1));
      this.scale = most ? [1, 2, 5, 10].map((unit) => unit * power).find((round) => round >= most * 0.9999) : 0;
      this._fan();
      for (const edge of this.edges) this._shape(edge);
      this.stats.layouts += 1;
      this.stats.edges = this.edges.length;
      this._particles();
      this._paintEdges();
      this._paintNodes();
      this.canvas.setAttribute("aria-label", this.describe());
      this._draw();
    }

    /* Kinds of flow between the same two lie beside each other. */
    _fan() {
      const seen = new Map();
      for (const edge of this.edges) {
        const pair = edge.source * 65536 + edge.target;
        edge.turn = seen.get(pair) || 0;
        seen.set(pair, edge.turn + 1);
      }
    }

    _width(edge, amount) {
      if (this.grouped) return Math.max(0.8, WIDEST * Math.sqrt(Math.min(1, amount / (this.scale || 1))));
      return 0.5 + 8.5 * Math.sqrt(Math.min(1, amount / (this.layerMax[edge.layer] || amount || 1)));
    }

    _shape(edge) {
      const [from, to] = this.mode === "money" ? [edge.source, edge.target] : [edge.target, edge.source];
      const a = this.spots[from], b = this.spots[to];
      const dx = b.x - a.x, dy = b.y - a.y, far = Math.hypot(dx, dy) || 1;
      // Each direction bends to its own right, so that payments to and fro lie apart.
      const bend = (Math.abs(dx) < 30 ? 0.32 : Math.min(0.16, 28 / far + 0.06)) * (this.grouped && Math.abs(dx) < 30 ? 0.5 : 1) + edge.turn * Math.min(0.16, 34 / far);
      edge.a = a; edge.b = b;
      edge.cx = (a.x + b.x) / 2 - dy * bend;
      edge.cy = (a.y + b.y) / 2 + dx * bend;
      edge.length = far * (1 + bend);
      edge.width = this._width(edge, edge.amount);
      edge.faded = this.selected !== null && edge.source !== this.selected && edge.target !== this.selected;
    }

    /* How far the widths have gone from the month before to this one, painted every other frame. */
    _move(now) {
      if (now - (this.moving.painted || 0) < 25) return;
      this.moving.painted = now;
      const gone = Math.min(1, (now - this.moving.began) / this.options.moves), eased = gone * (2 - gone);
      for (const edge of this.allEdges) edge.shown = edge.from + (edge.amount - edge.from) * eased;
      this.nodes.forEach((node, id) => { if (this.moving) this.spots[id].r = (this.moving.from[id] ?? this.spots[id].r) * (1 - eased) + this._spot(node).r * eased; });
      if (gone >= 1) this.moving = null;
      this._paintEdges();
      this._paintNodes();
    }

    _particles() {
      const wanted = this.edges.map((edge) => edge.faded || edge.signed < 0 ? 0 : Math.max(1, Math.round(edge.length / 95 * (0.5 + edge.width / 4))));
      const total = wanted.reduce((sum, count) => sum + count, 0);
      const thin = Math.min(1, MOST_PARTICLES / Math.max(1, total));
      this.stats.particles = 0;
      this.edges.forEach((edge, place) => {
        edge.count = Math.round(wanted[place] * thin);
        // The golden ratio spreads phases without a random draw: the same month always looks the same.
        edge.phase = (place * 0.6180339887) % 1;
        this.stats.particles += edge.count;
      });
      this.byLayer = new Map();
      for (const edge of this.edges) {
        if (!edge.count) continue;
        if (!this.byLayer.has(edge.layer)) this.byLayer.set(edge.layer, []);
        this.byLayer.get(edge.layer).push(edge);
      }
    }

    _start() {
      cancelAnimationFrame(this.request);
      this._paintEdges();
      const turn = (now) => {
        if (this.canvas.offsetParent) {
          if (this.moving) this._move(now);
          this._draw();
        }
        if (!this.still) this.request = requestAnimationFrame(turn);
      };
      turn(performance.now());
    }

    _draw() {
      if (!this.width) return;
      const began = performance.now();
      const pen = this.canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      if (!this.still && this.byLayer) this._drawParticles(pen, began / 1000);
      this.stats.drawn += 1;
      this.stats.milliseconds += 0.1 * (performance.now() - began - this.stats.milliseconds);
    }

    _spotOf(event) {
      const box = this.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    _nodeAt(event) {
      const [x, y] = this._spotOf(event);
      let best = null, nearest = Infinity;
      for (const node of this.nodes) {
        const spot = this.spots[node.id], far = Math.hypot(spot.x - x, spot.y - y) - Math.max(spot.r, 6);
        if (far < 5 && far < nearest) { nearest = far; best = node.id; }
      }
      return best;
    }

    _edgeAt(x, y) {
      let best = null, nearest = 5;
      for (const edge of this.edges) {
        if (edge.faded) continue;
        for (let k = 1; k < 24; k++) {
          const [u, v] = this._at(edge, k / 24);
          const far = Math.hypot(u - x, v - y) - edge.width / 2;
          if (far < nearest) { nearest = far; best = edge; }
        }
      }
      return best;
    }

    _hover(event) {
      const [x, y] = this._spotOf(event);
      const node = this._nodeAt(event);
      const edge = node === null ? this._edgeAt(x, y) : null;
      this.canvas.style.cursor = node === null ? "default" : "pointer";
      if (node !== null) this._tip(this._nodeLines(node), x + 14, y + 14);
      else if (edge) this._tip(this._edgeLines(edge), x + 14, y + 14);
      else this.tip.hidden = true;
    }

    _tip(lines, x, y) {
      this.tip.replaceChildren(...lines.map((line, place) => {
        const row = document.createElement("div");
        row.textContent = line;
        if (!place) row.style.fontWeight = "600";
        return row;
      }));
      this.tip.hidden = false;
      this.tip.style.left = `${Math.max(4, Math.min(x, this.width - this.tip.offsetWidth - 6))}px`;
      this.tip.style.top = `${Math.max(4, Math.min(y, this.height - this.tip.offsetHeight - 6))}px`;
    }

    _nodeLines(id) {
      const node = this.nodes[id], lines = [T(node.label)];
      if (this.frame) {
        let paid = 0, received = 0;
        for (const edge of this.edges) {
          if (edge.source === id) paid += edge.signed;
          if (edge.target === id) received += edge.signed;
        }
        lines.push(T("Financial assets {amount}", { amount: yenText(this.size[id]) }));
        lines.push(T("Of what is drawn: pays {paid}, receives {received}", { paid: yenText(paid), received: yenText(received) }));
      }
      for (const label of this._limitsOf(id)) lines.push(`${T("Limit reached")}: ${label}`);
      const contracts = Object.entries(this.contracts[id]).map(([kind, count]) => `${T(this.scene.contracts[kind])} ${count}`);
      if (contracts.length) lines.push(`${T("Contracts")}: ${contracts.join(", ")}`);
      if (node.members) {
        const each = node.members > MOST_DOTS ? T("; a dot is {count} of them", { count: T.number(node.members / MOST_DOTS, 0, 1) }) : "";
        lines.push(T("Stands for {count} {kind}", { count: T.number(node.members), kind: T(node.member_kind) }) + each);
      }
      return lines;
    }

    _limitsOf(id) { return [...new Set(this.limits.filter(([node]) => this.of[node] === id).map((one) => one[1]))]; }

    _pays(edge) {
      const name = (id) => T(this.nodes[id].label);
      const said = !this.frame.signed ? "{payer} pays {payee} {amount}" : edge.signed > 0 ? "{payer} pays {payee} {amount} more" : "{payer} pays {payee} {amount} less";
      return T(said, { payer: name(edge.source), payee: name(edge.target), amount: yenText(edge.amount) });
    }

    _edgeText(edge) { return `${this._pays(edge)} (${this.layerLabel[edge.layer]})`; }

    _edgeLines(edge) {
      const sums = new Map();
      for (const [purpose, , amount] of edge.parts) sums.set(purpose, (sums.get(purpose) || 0) + amount);
      const parts = [...sums].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])), lines = [this._pays(edge), this.layerLabel[edge.layer]];
      for (const [purpose, amount] of parts.slice(0, 5)) lines.push(`${this.words(purpose)}: ${yenText(amount)}`);
      if (parts.length > 5) lines.push(T("and {count} more", { count: parts.length - 5 }));
      return lines;
    }
  }

  FlowNetwork.FONT = FONT;
  FlowNetwork.WIDEST = WIDEST;
  FlowNetwork.MOST_DOTS = MOST_DOTS;
  globalThis.FlowNetwork = FlowNetwork;
  globalThis.flowNetworkYenText = yenText;
})();
