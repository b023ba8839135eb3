"use strict";
/* Who pays whom, on one canvas: agents in columns, the month's flows as particles along curved edges.
   Needs nothing but a browser.  All names are drawn as text. */

(() => {
  const T = globalThis.itchoWords;
  const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Hiragino Sans", sans-serif';
  const INK = "#1d2733", MUTED = "#5d6975", PAPER = "#ffffff", RULE = "#e6e9ec", FOCUS = "#0b5fff";
  const SAMPLES = 24, MOST_DOTS = 260, MOST_PARTICLES = 3000;
  const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

  /** An amount of trillion yen with the unit that reads best. */
  function yenText(trillion) {
    const size = Math.abs(trillion), text = (value, how) => value.toLocaleString("en-GB", how);
    if (size >= 1) return T("{amount} trn yen", { amount: text(trillion, { maximumFractionDigits: size >= 100 ? 0 : 2 }) });
    // Japanese and Chinese count in hundreds of millions.
    if (T.code !== "en" && size >= 1e-4) return T("{amount} hundred m yen", { amount: text(trillion * 1e4, { maximumFractionDigits: size >= 0.01 ? 0 : 1 }) });
    if (size >= 1e-3) return T("{amount} bn yen", { amount: text(trillion * 1e3, { maximumFractionDigits: size >= 0.1 ? 0 : 1 }) });
    return T("{amount} m yen", { amount: text(trillion * 1e6, { maximumSignificantDigits: 3 }) });
  }

  class FlowNetwork {
    /**
     * @param {HTMLCanvasElement} canvas fills its parent, which must have a size and `position: relative`.
     * @param {{nodes, links, columns, layers, not_drawn}} scene as `Scene.to_json()` gives it.
     * @param {{layerMax?, speed?, reducedMotion?, mode?, layers?, words?}} options
     *   layerMax: {layer: largest amount} so that widths mean the same in every month; else the largest seen so far.
     *   words: function(purpose) that gives the text shown for a purpose.
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
      this.frame = this.selected = this.focused = null;
      [this.edges, this.listeners] = [[], []];
      this.stats = { drawn: 0, edges: 0, particles: 0, milliseconds: 0, layouts: 0 };
      [this.under, this.over] = [document.createElement("canvas"), document.createElement("canvas")];
      this.abort = new AbortController();
      const query = matchMedia("(prefers-reduced-motion: reduce)");
      this.still = options.reducedMotion ?? query.matches;
      query.addEventListener("change", () => {
        this.still = options.reducedMotion ?? query.matches;
        this._start();
      }, { signal: this.abort.signal });
      this._furnish();
      this._listen();
      this._resize();
      this._start();
    }

    /** Show a month: `{month, size, flows, edges, headline}` as `Frame.to_json()` gives it. */
    setFrame(frame) {
      this.frame = frame;
      const merged = new Map();
      for (const [source, target, flow, amount] of frame.edges) {
        const [instrument, purpose, layer] = frame.flows[flow];
        const key = (source * 65536 + target) + layer;
        let edge = merged.get(key);
        if (!edge) merged.set(key, (edge = { source, target, layer, amount: 0, parts: [] }));
        edge.amount += amount;
        edge.parts.push([purpose, instrument, amount]);
      }
      this.allEdges = [...merged.values()].filter((edge) => edge.source !== edge.target);
      if (!this.fixedMax) {
        for (const edge of this.allEdges) {
          this.layerMax[edge.layer] = Math.max(this.layerMax[edge.layer] || 0, edge.amount);
        }
      }
      this._rebuild();
    }

    /** Which kinds of flow are drawn: keys of layers. */
    setLayers(keys) { this.layers = new Set(keys); this._rebuild(); }

    /** "money" moves from payer to payee; "goods" shows what was given for it, the other way. */
    setMode(mode) { this.mode = mode === "goods" ? "goods" : "money"; this._rebuild(); }

    /** Select a node by id, or nothing with null; listeners are told unless `silent`. */
    select(id, silent = false) {
      this.selected = id;
      this._rebuild();
      if (!silent) for (const listener of this.listeners) listener(id === null ? null : this.scene.nodes[id]);
    }

    /** Call `listener(node or null)` whenever the selection changes. */
    onSelect(listener) { this.listeners.push(listener); }

    /** Take the words of the language that is chosen now. */
    relabel() {
      this.layerLabel = Object.fromEntries(this.scene.layers.map((layer) => [layer.key, T(layer.label)]));
      this._rebuild();
    }

    /** Place of a node on the canvas, in CSS pixels: {x, y, r}. */
    place(id) { return this.spots[id]; }

    /** The picture in words. */
    describe() {
      if (!this.frame) return T("Network of agents; no month is shown yet.");
      const largest = [...this.edges].sort((a, b) => b.amount - a.amount).slice(0, 5).map((edge) => this._edgeText(edge));
      return T("Network of {agents} agents in {columns} columns, {month}: {flows} flows drawn, {way}. Largest: {largest}.", {
        agents: this.scene.nodes.length, columns: this.scene.columns.length, month: this.frame.month, flows: this.edges.length,
        way: T(this.mode === "money" ? "from payer to payee" : "from seller to buyer"), largest: largest.join("; "),
      });
    }

    /** Stop drawing and let go of the page. */
    destroy() {
      cancelAnimationFrame(this.request);
      this.resizer.disconnect();
      this.abort.abort();
      this.tip.remove();
      this.live.remove();
    }

    _furnish() {
      const parent = this.canvas.parentElement;
      this.tip = document.createElement("div");
      this.tip.className = "flow-network-tip";
      this.tip.hidden = true;
      Object.assign(this.tip.style, {
        position: "absolute", pointerEvents: "none", background: PAPER, color: INK, border: "1px solid #c9d0d6",
        borderRadius: "4px", padding: "6px 9px", font: `12px/1.45 ${FONT}`, maxWidth: "300px", zIndex: "5",
        boxShadow: "0 2px 8px rgba(20,30,40,.12)",
      });
      this.live = document.createElement("div");
      this.live.setAttribute("aria-live", "polite");
      Object.assign(this.live.style, {
        position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)",
      });
      parent.append(this.tip, this.live);
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
      this.canvas.setAttribute("aria-roledescription", "network; arrow keys walk from agent to agent, Enter selects, Escape clears");
      Object.assign(this.canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", outlineOffset: "-2px" });
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
      else if (event.key === "End") this._focusOn(this.scene.nodes.length - 1);
      else if (event.key === "Enter" || event.key === " ") this.select(this.focused);
      else if (event.key === "Escape") { this.select(null); this.tip.hidden = true; }
      else return;
      event.preventDefault();
    }

    _neighbour(from, dx, dy) {
      const here = this.spots[from];
      const mine = this.scene.nodes[from].column;
      let best = from, nearest = Infinity;
      for (const node of this.scene.nodes) {
        const spot = this.spots[node.id];
        const along = dx ? (node.column - mine) * dx : (spot.y - here.y) * dy;
        if (node.id === from || along <= 0 || (dy && node.column !== mine)) continue;
        const far = dx ? 1e4 * along + Math.abs(spot.y - here.y) : along;
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
      this.width = Math.max(320, clientWidth);
      this.height = Math.max(240, clientHeight);
      this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
      for (const sheet of [this.canvas, this.under, this.over]) {
        sheet.width = Math.round(this.width * this.ratio);
        sheet.height = Math.round(this.height * this.ratio);
      }
      this._rebuild();
    }

    _spot(node) {
      const size = this.frame ? this.frame.size[node.id] : 0;
      const r = Math.max(4, 6.2 * Math.max(size, 0) ** 0.2);
      return { x: 20 + node.x * (this.width - 40), y: 26 + node.y * (this.height - 40), r };
    }

    _rebuild() {
      this.spots = this.scene.nodes.map((node) => this._spot(node));
      this.edges = (this.allEdges || []).filter((edge) => this.layers.has(edge.layer)).sort((a, b) => a.amount - b.amount);
      for (const edge of this.edges) this._shape(edge);
      this.stats.layouts += 1;
      this.stats.edges = this.edges.length;
      this._particles();
      this._paintEdges();
      this._paintNodes();
      this.canvas.setAttribute("aria-label", this.describe());
      this._draw();
    }

    _shape(edge) {
      const [from, to] = this.mode === "money" ? [edge.source, edge.target] : [edge.target, edge.source];
      const a = this.spots[from], b = this.spots[to];
      const dx = b.x - a.x, dy = b.y - a.y, far = Math.hypot(dx, dy) || 1;
      // Each direction bends to its own right, so that payments to and fro lie apart.
      const bend = Math.abs(dx) < 30 ? 0.32 : Math.min(0.16, 28 / far + 0.06);
      edge.a = a; edge.b = b;
      edge.cx = (a.x + b.x) / 2 - dy * bend;
      edge.cy = (a.y + b.y) / 2 + dx * bend;
      edge.length = far * (1 + bend);
      const share = Math.min(1, edge.amount / (this.layerMax[edge.layer] || edge.amount));
      edge.width = 0.5 + 8.5 * Math.sqrt(share);
      edge.faded = this.selected !== null && edge.source !== this.selected && edge.target !== this.selected;
    }

    _particles() {
      const wanted = this.edges.map((edge) => edge.faded ? 0 : Math.max(1, Math.round(edge.length / 95 * (0.5 + edge.width / 4))));
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

    _pen(sheet) {
      const pen = sheet.getContext("2d");
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      return pen;
    }

    _paintEdges() {
      const pen = this._pen(this.under);
      pen.fillStyle = PAPER;
      pen.fillRect(0, 0, this.width, this.height);
      Object.assign(pen, { strokeStyle: RULE, lineWidth: 1, fillStyle: MUTED, font: `600 11px ${FONT}`, textBaseline: "top" });
      for (const column of this.scene.columns) {
        const x = 20 + column.x * (this.width - 40);
        pen.beginPath(); pen.moveTo(x, 26); pen.lineTo(x, this.height - 8); pen.stroke();
        this._clamped(pen, T(column.label), x, 6);
      }
      pen.lineCap = "round";
      this._paintLinks(pen);
      for (const edge of this.edges) {
        const globalAlpha = edge.faded ? 0.05 : this.selected === null ? 0.3 : 0.5;
        Object.assign(pen, { globalAlpha, strokeStyle: this.colour[edge.layer], lineWidth: edge.width });
        pen.beginPath();
        pen.moveTo(edge.a.x, edge.a.y);
        pen.quadraticCurveTo(edge.cx, edge.cy, edge.b.x, edge.b.y);
        pen.stroke();
        if (this.still && !edge.faded) this._arrow(pen, edge);
      }
      pen.globalAlpha = 1;
    }

    /* The graph itself: a thin line for each of its edges, paid on or not; those of the chosen node are dark. */
    _paintLinks(pen) {
      for (const [source, target] of this.scene.links || []) {
        const a = this.spots[source], b = this.spots[target], mine = source === this.selected || target === this.selected;
        const globalAlpha = this.selected === null ? 0.35 : mine ? 0.9 : 0.06;
        Object.assign(pen, { globalAlpha, strokeStyle: mine ? INK : MUTED, lineWidth: 0.6 });
        pen.beginPath(); pen.moveTo(a.x, a.y); pen.lineTo(b.x, b.y); pen.stroke();
      }
      pen.globalAlpha = 1;
    }

    /* Where nothing moves, an arrowhead halfway says which way money or goods go. */
    _arrow(pen, edge) {
      const [x, y] = this._at(edge, 0.55), [u, v] = this._at(edge, 0.5);
      const turn = Math.atan2(y - v, x - u), size = 3 + edge.width;
      Object.assign(pen, { globalAlpha: 0.9, fillStyle: this.colour[edge.layer] });
      pen.beginPath();
      pen.moveTo(x + size * Math.cos(turn), y + size * Math.sin(turn));
      pen.lineTo(x + size * Math.cos(turn + 2.5), y + size * Math.sin(turn + 2.5));
      pen.lineTo(x + size * Math.cos(turn - 2.5), y + size * Math.sin(turn - 2.5));
      pen.fill();
    }

    _clamped(pen, text, x, y) {
      const half = pen.measureText(text).width / 2;
      pen.textAlign = "center";
      pen.fillText(text, Math.min(this.width - half - 3, Math.max(half + 3, x)), y);
    }

    _paintNodes() {
      const pen = this._pen(this.over);
      pen.clearRect(0, 0, this.width, this.height);
      const touched = new Set();
      if (this.selected !== null) {
        touched.add(this.selected);
        for (const edge of this.edges) if (!edge.faded) { touched.add(edge.source); touched.add(edge.target); }
      }
      for (const node of this.scene.nodes) {
        pen.globalAlpha = this.selected === null || touched.has(node.id) ? 1 : 0.25;
        this._paintNode(pen, node);
      }
      pen.globalAlpha = 1;
    }

    _paintNode(pen, node) {
      const { x, y, r } = this.spots[node.id];
      if (node.members) {
        this._density(pen, node, x, y, r);
      } else {
        pen.beginPath();
        pen.arc(x, y, r, 0, 2 * Math.PI);
        Object.assign(pen, { fillStyle: node.id === this.selected ? INK : "#f4f6f8", strokeStyle: INK, lineWidth: 1.3 });
        pen.fill();
        pen.stroke();
      }
      if (node.id === this.selected || node.id === this.focused) {
        pen.beginPath();
        pen.arc(x, y, r + 4, 0, 2 * Math.PI);
        Object.assign(pen, { strokeStyle: node.id === this.focused ? FOCUS : INK, lineWidth: 2 });
        pen.stroke();
      }
      this._label(pen, node, x, y + r + 4);
    }

    /* Anonymous members as dots on a sunflower's spiral: one dot each, or an equal number of members per dot. */
    _density(pen, node, x, y, r) {
      const dots = Math.min(node.members, MOST_DOTS), reach = Math.max(r, 8);
      pen.beginPath();
      pen.arc(x, y, reach, 0, 2 * Math.PI);
      pen.fillStyle = "rgba(244,246,248,.92)";
      pen.fill();
      const dot = Math.max(0.55, Math.min(1.6, (0.62 * reach) / Math.sqrt(dots)));
      pen.beginPath();
      for (let k = 0; k < dots; k++) {
        const far = (reach - dot) * Math.sqrt((k + 0.5) / dots), turn = k * GOLDEN_ANGLE;
        const px = x + far * Math.cos(turn), py = y + far * Math.sin(turn);
        pen.moveTo(px + dot, py);
        pen.arc(px, py, dot, 0, 2 * Math.PI);
      }
      pen.fillStyle = node.id === this.selected ? INK : "#5f7080";
      pen.fill();
    }

    _label(pen, node, x, y) {
      const room = Math.max(70, Math.min(150, 0.125 * this.width));
      Object.assign(pen, { font: `11px ${FONT}`, textBaseline: "top", textAlign: "center", lineJoin: "round" });
      const lines = [""];
      for (const word of T(node.label).split(" ")) {
        const longer = lines[lines.length - 1] ? lines[lines.length - 1] + " " + word : word;
        if (lines[lines.length - 1] && pen.measureText(longer).width > room) lines.push(word);
        else lines[lines.length - 1] = longer;
      }
      lines.slice(0, 3).forEach((line, place) => {
        const half = pen.measureText(line).width / 2;
        const at = Math.min(this.width - half - 3, Math.max(half + 3, x));
        Object.assign(pen, { strokeStyle: "rgba(255,255,255,.9)", lineWidth: 3 });
        pen.strokeText(line, at, y + 12 * place);
        pen.fillStyle = INK;
        pen.fillText(line, at, y + 12 * place);
      });
    }

    _at(edge, t) {
      const s = 1 - t;
      return [s * s * edge.a.x + 2 * s * t * edge.cx + t * t * edge.b.x, s * s * edge.a.y + 2 * s * t * edge.cy + t * t * edge.b.y];
    }

    _start() {
      cancelAnimationFrame(this.request);
      this._paintEdges();
      const turn = () => {
        if (this.canvas.offsetParent) this._draw();
        if (!this.still) this.request = requestAnimationFrame(turn);
      };
      turn();
    }

    _draw() {
      const began = performance.now();
      const pen = this.canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.drawImage(this.under, 0, 0);
      if (!this.still && this.byLayer) this._drawParticles(pen, began / 1000);
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.drawImage(this.over, 0, 0);
      this.stats.drawn += 1;
      this.stats.milliseconds += 0.1 * (performance.now() - began - this.stats.milliseconds);
    }

    _drawParticles(pen, seconds) {
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      const speed = this.options.speed || 42;
      for (const [layer, edges] of this.byLayer) {
        pen.beginPath();
        for (const edge of edges) {
          const size = Math.min(3.1, 0.95 + edge.width * 0.28);
          for (let k = 0; k < edge.count; k++) {
            const [x, y] = this._at(edge, (edge.phase + k / edge.count + (seconds * speed) / edge.length) % 1);
            pen.moveTo(x + size, y);
            pen.arc(x, y, size, 0, 2 * Math.PI);
          }
        }
        pen.fillStyle = this.colour[layer];
        pen.fill();
      }
    }

    _spotOf(event) {
      const box = this.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    _nodeAt(event) {
      const [x, y] = this._spotOf(event);
      let best = null, nearest = Infinity;
      for (const node of this.scene.nodes) {
        const spot = this.spots[node.id], far = Math.hypot(spot.x - x, spot.y - y) - Math.max(spot.r, 6);
        if (far < 5 && far < nearest) { nearest = far; best = node.id; }
      }
      return best;
    }

    _edgeAt(x, y) {
      let best = null, nearest = 5;
      for (const edge of this.edges) {
        if (edge.faded) continue;
        for (let k = 1; k < SAMPLES; k++) {
          const [u, v] = this._at(edge, k / SAMPLES);
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
      const node = this.scene.nodes[id], lines = [T(node.label)];
      if (this.frame) {
        let paid = 0, received = 0;
        for (const edge of this.edges) {
          if (edge.source === id) paid += edge.amount;
          if (edge.target === id) received += edge.amount;
        }
        lines.push(T("Financial assets {amount}", { amount: yenText(this.frame.size[id]) }));
        lines.push(T("Shown this month: pays {paid}, receives {received}", { paid: yenText(paid), received: yenText(received) }));
      }
      if (node.members) {
        const each = node.members > MOST_DOTS ? T("; a dot is {count} of them", { count: (node.members / MOST_DOTS).toLocaleString("en-GB", { maximumFractionDigits: 1 }) }) : "";
        lines.push(T("Stands for {count} {kind}", { count: node.members.toLocaleString("en-GB"), kind: T(node.member_kind) }) + each);
      }
      return lines;
    }

    _edgeText(edge) {
      const name = (id) => T(this.scene.nodes[id].label);
      return T("{payer} pays {payee} {amount}", { payer: name(edge.source), payee: name(edge.target), amount: yenText(edge.amount) }) + ` (${this.layerLabel[edge.layer]})`;
    }

    _edgeLines(edge) {
      const name = (id) => T(this.scene.nodes[id].label);
      const parts = [...edge.parts].sort((a, b) => b[2] - a[2]);
      const lines = [T("{payer} pays {payee} {amount}", { payer: name(edge.source), payee: name(edge.target), amount: yenText(edge.amount) }), this.layerLabel[edge.layer]];
      for (const [purpose, , amount] of parts.slice(0, 5)) lines.push(`${this.words(purpose)}: ${yenText(amount)}`);
      if (parts.length > 5) lines.push(T("and {count} more", { count: parts.length - 5 }));
      return lines;
    }
  }

  globalThis.FlowNetwork = FlowNetwork;
  globalThis.flowNetworkYenText = yenText;
})();
