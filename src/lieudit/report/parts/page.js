"use strict";
(() => {
  const data = JSON.parse(document.getElementById("island").textContent);
  const narrow = () => window.innerWidth < 640;
  const touch = window.matchMedia("(pointer: coarse)").matches;
  const count = new Intl.NumberFormat(data.lang);
  const share = new Intl.NumberFormat(data.lang, { style: "percent", maximumFractionDigits: 1 });

  // On a phone a finger scrolls the page, it does not zoom the chart; labels of the flow diagram get shorter.
  function fitted(chart) {
    const layout = structuredClone(chart.layout);
    const traces = structuredClone(chart.data);
    if (touch || narrow()) layout.dragmode = false;
    if (narrow()) {
      layout.font.size = 11;
      layout.margin.r = 4;
      for (const trace of traces) {
        if (trace.type !== "sankey") continue;
        trace.node.label = trace.node.label.map((label) => (/^-?\d+ · /.test(label) ? label.split(" · ")[0] : label));
        trace.textfont = { size: 10 };
      }
    }
    return [traces, layout, { displayModeBar: false, responsive: true, scrollZoom: false, locale: "en-US" }];
  }

  // plotly.js stands in the page compressed. Run as a script of the page's own, it needs no leave but its hash.
  async function unpack() {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (c) => c.charCodeAt(0));
    const script = document.createElement("script");
    script.textContent = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    document.head.append(script);
  }

  async function drawCharts() {
    const places = document.querySelectorAll("[data-chart]");
    if (!places.length) return;
    try {
      await unpack();
      for (const place of places) await Plotly.newPlot(place, ...fitted(data.charts[place.dataset.chart]));
    } catch (error) {
      document.getElementById("no-charts").hidden = false; // a browser without DecompressionStream (before 2023)
    }
  }

  for (const legend of document.querySelectorAll("[data-legend]")) {
    legend.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      const chart = document.getElementById("chart-" + legend.dataset.legend);
      Plotly.restyle(chart, { visible: shown }, [Number(button.dataset.trace)]);
    });
  }

  // Everything that is folded is unfolded on paper.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => (d.open = true)));

  if (data.map) drawMap(data.map);
  drawCharts().then(() => (document.documentElement.dataset.drawn = "yes"));

  function drawMap(map) {
    const choice = document.getElementById("map-choice");
    const paths = [...document.querySelectorAll("#france .area")];
    const line = document.getElementById("map-line");
    let values = {};

    function valueOf(code) {
      const area = map.areas[code];
      if (!area) return null;
      if (choice.value === "all") return { n: area.all, level: area.all };
      const n = area.clusters[choice.value];
      return n === undefined ? null : { n, level: n / area.all };
    }

    function words(code) {
      const found = values[code];
      if (!found) return map.names[code];
      const part = choice.value === "all" ? "" : ` (${share.format(found.level)})`;
      return `${map.names[code]}: ${count.format(found.n)} ${map.texts.customers}${part}`;
    }

    function draw() {
      values = Object.fromEntries(Object.keys(map.names).map((code) => [code, valueOf(code)]).filter(([, v]) => v));
      const levels = Object.values(values).map((v) => v.level);
      const highest = Math.max(...levels, 0);
      const colour = choice.value === "all" ? "#3B6EA5" : map.colours[choice.value];
      for (const path of paths) {
        const found = values[path.dataset.code];
        path.setAttribute("fill", found ? blend(colour, 0.12 + (0.88 * found.level) / highest) : "url(#hatch)");
      }
      const write = choice.value === "all" ? count : share;
      document.getElementById("map-low").textContent = levels.length ? write.format(0) : "";
      document.getElementById("map-high").textContent = levels.length ? write.format(highest) : "";
      document.getElementById("map-ramp").style.background = `linear-gradient(to right, ${blend(colour, 0.12)}, ${colour})`;
      line.textContent = choice.value === "all" ? map.texts.count_of : map.texts.share_of;
      fillTop();
    }

    function fillTop() {
      const best = Object.entries(values).sort(([a, x], [b, y]) => y.level - x.level || a.localeCompare(b)).slice(0, 10);
      const total = Object.values(map.areas).reduce((sum, area) => sum + area.all, 0);
      const rows = best.map(([code, found]) => {
        const row = document.createElement("tr");
        const part = choice.value === "all" ? found.n / total : found.level;
        for (const text of [map.names[code], count.format(found.n), share.format(part)]) {
          const cell = document.createElement(row.children.length ? "td" : "th");
          cell.textContent = text;
          row.append(cell);
        }
        row.firstChild.scope = "row";
        return row;
      });
      document.querySelector("#map-top tbody").replaceChildren(...rows);
    }

    function show(event) {
      const path = event.target.closest(".area");
      if (path) line.textContent = words(path.dataset.code);
    }

    document.getElementById("france").addEventListener("pointerover", show);
    document.getElementById("france").addEventListener("click", show);
    choice.addEventListener("change", draw);
    draw();
  }

  // A colour laid over white.
  function blend(colour, amount) {
    const channel = (i) => Math.round(255 + (parseInt(colour.slice(i, i + 2), 16) - 255) * amount);
    return `rgb(${channel(1)}, ${channel(3)}, ${channel(5)})`;
  }
})();
