"""A network much larger than the model's own, drawn in an open page: for a test of its bounds and for the benchmark."""

MANY_EDGES = """async () => {
    const old = globalThis.itchoNetwork;
    const scene = { ...old.scene, nodes: [], depths: [], links: [] };
    for (let id = 0; id < 300; id++) {
        scene.nodes.push({ id, key: `n${id}`, label: `Agent ${id}`, column: id % 8, members: id % 10 ? 0 : 1000,
            member_kind: "members", x: old.scene.columns[id % 8].x, y: 0.02 + 0.96 * Math.floor(id / 8) / 38 });
    }
    const layers = scene.layers.map((layer) => layer.key), edges = [];
    const flows = layers.map((key) => ["deposits", key, key]);
    const target = (k) => (k * 13 + 5 + Math.floor(k / 300)) % 300;
    for (let k = 0; k < 1500; k++) edges.push([(k * 7) % 300, target(k), k % 6, (k % 17) + 1]);
    old.destroy();
    const net = new FlowNetwork(old.canvas, scene, { reducedMotion: false, depth: "firms", layers });
    net.setFrame({ month: "2026-04-30", size: scene.nodes.map((node) => node.id / 10), flows, edges, headline: {} });
    const before = net.stats.drawn;
    await new Promise((done) => setTimeout(done, 4000));
    return { drawn: net.stats.drawn - before, edges: net.edges.length, particles: net.stats.particles };
}"""
"""JavaScript that draws it for four seconds and returns what was drawn."""
