"use strict";
/* What the network draws: edges with their sums, nodes with their contracts and limits, the scale of yen. */

(() => {
  const T = globalThis.itchoWords, FlowNetwork = globalThis.FlowNetwork, yenText = globalThis.flowNetworkYenText;
  const { FONT, MOST_DOTS, WIDEST } = FlowNetwork;
  const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
  const LIMIT = "#D55E00";

  Object.assign(FlowNetwork.prototype, {
    /* Colours of the page, light or dark. */
    _theme() {
      const style = getComputedStyle(this.canvas.parentElement);
      const of = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
      this.ink = of("--ink", "#1d2733"); this.muted = of("--muted", "#5d6975"); this.paper = of("--paper", "#ffffff");
      this.rule = of("--rule", "#e6e9ec"); this.focus = of("--focus", "#0b5fff"); this.fill = of("--faint", "#f4f6f8");
    },

    _pen(sheet) {
      const pen = sheet.getContext("2d");
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      return pen;
    },

    _paintEdges() {
      if (!this.width) return;
      const pen = this._pen(this.under);
      pen.fillStyle = this.paper;
      pen.fillRect(0, 0, this.width, this.height);
      Object.assign(pen, { strokeStyle: this.rule, lineWidth: 1, fillStyle: this.muted, font: `600 11px ${FONT}`, textBaseline: "top" });
      for (const column of this.grouped ? [] : this.scene.columns) {
        const x = 20 + column.x * (this.width - 40);
        pen.beginPath(); pen.moveTo(x, 26); pen.lineTo(x, this.height - 8); pen.stroke();
        if (this.width >= 640 || column.x < 0.06 || column.x > 0.95) this._clamped(pen, T(column.label), x, 6);
      }
      pen.lineCap = "butt";
      if (!this.grouped || this.selected !== null) this._paintLinks(pen);
      for (const edge of this.edges) {
        const globalAlpha = edge.faded ? 0.06 : this.grouped ? 0.55 : this.selected === null ? 0.3 : 0.5;
        Object.assign(pen, { globalAlpha, strokeStyle: this.colour[edge.layer], lineWidth: this.moving ? this._width(edge, edge.shown) : edge.width });
        if (edge.signed < 0) pen.setLineDash([5, 4]);
        pen.beginPath();
        pen.moveTo(edge.a.x, edge.a.y);
        pen.quadraticCurveTo(edge.cx, edge.cy, edge.b.x, edge.b.y);
        pen.stroke();
        pen.setLineDash([]);
        if ((this.still || edge.signed < 0 || this.frame.signed) && !edge.faded) this._arrow(pen, edge);
      }
      pen.globalAlpha = 1;
    },

    /* The graph itself: a thin line for each of its edges, paid on or not; those of the chosen node are dark. */
    _paintLinks(pen) {
      for (const [source, target] of this.links.values()) {
        const a = this.spots[source], b = this.spots[target], mine = source === this.selected || target === this.selected;
        const globalAlpha = this.selected === null ? 0.35 : mine ? 0.9 : 0.06;
        Object.assign(pen, { globalAlpha, strokeStyle: mine ? this.ink : this.muted, lineWidth: 0.6 });
        pen.beginPath(); pen.moveTo(a.x, a.y); pen.lineTo(b.x, b.y); pen.stroke();
      }
      pen.globalAlpha = 1;
    },

    /* Where nothing moves, an arrowhead halfway says which way money or goods go. */
    _arrow(pen, edge) {
      const [x, y] = this._at(edge, 0.55), [u, v] = this._at(edge, 0.5);
      const turn = Math.atan2(y - v, x - u), size = 3 + Math.min(9, edge.width);
      Object.assign(pen, { globalAlpha: 0.9, fillStyle: this.colour[edge.layer] });
      pen.beginPath();
      pen.moveTo(x + size * Math.cos(turn), y + size * Math.sin(turn));
      pen.lineTo(x + size * Math.cos(turn + 2.5), y + size * Math.sin(turn + 2.5));
      pen.lineTo(x + size * Math.cos(turn - 2.5), y + size * Math.sin(turn - 2.5));
      pen.fill();
    },

    _clamped(pen, text, x, y) {
      const half = pen.measureText(text).width / 2;
      pen.textAlign = "center";
      pen.fillText(text, Math.min(this.width - half - 3, Math.max(half + 3, x)), y);
    },

    _paintNodes() {
      if (!this.width) return;
      const pen = this._pen(this.over);
      pen.clearRect(0, 0, this.width, this.height);
      const touched = new Set();
      if (this.selected !== null) {
        touched.add(this.selected);
        for (const edge of this.edges) if (!edge.faded) { touched.add(edge.source); touched.add(edge.target); }
      }
      this.taken = [];
      for (const node of this.nodes) {
        pen.globalAlpha = this.selected === null || touched.has(node.id) ? 1 : 0.25;
        this._paintNode(pen, node);
      }
      pen.globalAlpha = 1;
      if (this.grouped) { this._sums(pen); this._legend(pen); }
    },

    _paintNode(pen, node) {
      const { x, y, r } = this.spots[node.id];
      if (node.members) {
        this._density(pen, node, x, y, r);
      } else {
        pen.beginPath();
        pen.arc(x, y, r, 0, 2 * Math.PI);
        Object.assign(pen, { fillStyle: node.id === this.selected ? this.ink : this.fill, strokeStyle: this.ink, lineWidth: 1.3 });
        pen.fill();
        pen.stroke();
      }
      if (node.id === this.selected || node.id === this.focused) {
        pen.beginPath();
        pen.arc(x, y, r + 4, 0, 2 * Math.PI);
        Object.assign(pen, { strokeStyle: node.id === this.focused ? this.focus : this.ink, lineWidth: 2 });
        pen.stroke();
      }
      this._label(pen, node, x, y + Math.max(r, node.members ? 8 : 0) + 4);
      this._badges(pen, node, x, y, Math.max(r, 8));
      this.taken.push([x - r - 6, y - r - 6, x + r + 6, y + r + 6]);
    },

    /* A square with the number of contracts to the upper right, a flag for limits that bind to the upper left. */
    _badges(pen, node, x, y, r) {
      const contracts = Object.values(this.contracts[node.id]).reduce((sum, count) => sum + count, 0), limits = this._limitsOf(node.id).length;
      Object.assign(pen, { font: `600 9.5px ${FONT}`, textBaseline: "middle", textAlign: "center", lineWidth: 1 });
      if (contracts && (this.grouped || node.id === this.selected)) {
        const text = String(contracts), wide = pen.measureText(text).width + 6, left = x + 0.7 * r, top = y - 0.7 * r - 12;
        Object.assign(pen, { fillStyle: this.paper, strokeStyle: this.muted });
        pen.beginPath(); pen.rect(left, top, wide, 12); pen.fill(); pen.stroke();
        pen.fillStyle = this.muted;
        pen.fillText(text, left + wide / 2, top + 6.5);
        this.taken.push([left, top, left + wide, top + 12]);
      }
      if (limits) {
        const left = x - 0.7 * r - 7, top = y - 0.7 * r - 6;
        pen.fillStyle = LIMIT;
        pen.beginPath(); pen.moveTo(left, top - 8); pen.lineTo(left + 8, top + 6); pen.lineTo(left - 8, top + 6); pen.closePath(); pen.fill();
        pen.fillStyle = "#ffffff";
        pen.fillText("!", left, top + 1.5);
      }
    },

    /* What flows along an edge, written on it where there is room, the largest first. */
    _sums(pen) {
      Object.assign(pen, { font: `600 ${this.width < 640 ? 9.5 : 11}px ${FONT}`, textBaseline: "middle", textAlign: "center", lineJoin: "round" });
      const largest = [...this.edges].filter((edge) => !edge.faded).reverse().slice(0, this.selected !== null ? 30 : this.depth === "trillion" ? 26 : 16);
      for (const edge of largest) {
        if (edge.amount < 0.004 * this.scale && this.selected === null) break;
        const text = (this.frame.signed ? (edge.signed > 0 ? "+" : "−") : "") + yenText(this.moving ? edge.shown : edge.amount), half = pen.measureText(text).width / 2 + 2;
        for (const [t, lift] of [[0.5, 0], [0.4, 0], [0.6, 0], [0.32, 0], [0.68, 0], [0.5, -16], [0.5, 16]]) {
          const [at, below] = this._at(edge, t), y = below + lift, x = Math.min(this.width - half - 2, Math.max(half + 2, at)), box = [x - half, y - 7, x + half, y + 7];
          if (this.taken.some((one) => one[0] < box[2] && one[2] > box[0] && one[1] < box[3] && one[3] > box[1])) continue;
          this.taken.push(box);
          Object.assign(pen, { strokeStyle: this.paper, lineWidth: 3.5, fillStyle: this.ink });
          pen.strokeText(text, x, y);
          pen.fillText(text, x, y);
          break;
        }
      }
    },

    /* How wide a round amount is drawn; in a picture of differences, what a broken line means. */
    _legend(pen) {
      if (!this.scale) return;
      Object.assign(pen, { font: `11px ${FONT}`, textBaseline: "middle", textAlign: "left", fillStyle: this.muted, strokeStyle: this.muted });
      let left = 12;
      const y = this.height - 12;
      for (const amount of [this.scale, this.scale / 10, this.scale / 100]) {
        const text = yenText(amount);
        pen.lineWidth = this._width(null, amount);
        pen.beginPath(); pen.moveTo(left, y); pen.lineTo(left + 22, y); pen.stroke();
        pen.fillText(text, left + 28, y);
        left += 28 + pen.measureText(text).width + 16;
      }
      if (!this.frame.signed) return;
      pen.lineWidth = 2;
      pen.setLineDash([5, 4]);
      pen.beginPath(); pen.moveTo(left, y); pen.lineTo(left + 22, y); pen.stroke();
      pen.setLineDash([]);
      pen.fillText(T("pays less"), left + 28, y);
    },

    /* Anonymous members as dots on a sunflower's spiral: one dot each, or an equal number of members per dot. */
    _density(pen, node, x, y, r) {
      const dots = Math.min(node.members, MOST_DOTS), reach = Math.max(r, 8);
      pen.beginPath();
      pen.arc(x, y, reach, 0, 2 * Math.PI);
      pen.fillStyle = this.fill;
      pen.fill();
      const dot = Math.max(0.55, Math.min(1.6, (0.62 * reach) / Math.sqrt(dots)));
      pen.beginPath();
      for (let k = 0; k < dots; k++) {
        const far = (reach - dot) * Math.sqrt((k + 0.5) / dots), turn = k * GOLDEN_ANGLE;
        const px = x + far * Math.cos(turn), py = y + far * Math.sin(turn);
        pen.moveTo(px + dot, py);
        pen.arc(px, py, dot, 0, 2 * Math.PI);
      }
      pen.fillStyle = node.id === this.selected ? this.ink : this.muted;
      pen.fill();
    },

    _label(pen, node, x, y) {
      const narrow = this.width < 640, room = this.grouped ? (narrow ? 92 : 128) : Math.max(70, Math.min(150, 0.125 * this.width));
      Object.assign(pen, { font: `${this.grouped ? "600 " : ""}${narrow && this.grouped ? 10.5 : 11}px ${FONT}`, textBaseline: "top", textAlign: "center", lineJoin: "round" });
      this._broken(pen, T(node.label), room).forEach(([line, half], place) => {
        const at = Math.min(this.width - half - 3, Math.max(half + 3, x));
        Object.assign(pen, { strokeStyle: this.paper, lineWidth: 3 });
        pen.strokeText(line, at, y + 12 * place);
        pen.fillStyle = this.ink;
        pen.fillText(line, at, y + 12 * place);
        this.taken.push([at - half, y + 12 * place, at + half, y + 12 * place + 12]);
      });
    },

    /* A label's lines and half their widths: at most three, none wider than there is room unless one word is. */
    _broken(pen, label, room) {
      const key = `${pen.font} ${room} ${label}`;
      if (!this.lines.has(key)) {
        const lines = [""];
        for (const word of label.split(" ")) {
          const longer = lines[lines.length - 1] ? lines[lines.length - 1] + " " + word : word;
          if (lines[lines.length - 1] && pen.measureText(longer).width > room) lines.push(word);
          else lines[lines.length - 1] = longer;
        }
        this.lines.set(key, lines.slice(0, 3).map((line) => [line, pen.measureText(line).width / 2]));
      }
      return this.lines.get(key);
    },

    _at(edge, t) {
      const s = 1 - t;
      return [s * s * edge.a.x + 2 * s * t * edge.cx + t * t * edge.b.x, s * s * edge.a.y + 2 * s * t * edge.cy + t * t * edge.b.y];
    },

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
    },
  });
})();
