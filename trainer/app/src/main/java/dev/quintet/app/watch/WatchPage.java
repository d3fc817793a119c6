package dev.quintet.app.watch;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;

/// The page: it asks every two seconds what has come, and needs nothing from anywhere else.
final class WatchPage {
  private static final String STYLE =
      """
      .example { background: var(--card); border: 1px solid var(--rule); border-radius: 6px;
        padding: 8px; margin: 8px 0; }
      .example p { display: grid; grid-template-columns: 6em minmax(0, 1fr); gap: 8px;
        white-space: pre-wrap; }
      .example b { color: var(--quiet); font-weight: 500; }
      """;
  private static final String SCRIPT =
      """
      const at = id => document.getElementById(id);
      let shown = "";
      function line(box, label, text) {
        const p = document.createElement("p");
        const b = document.createElement("b");
        const s = document.createElement("span");
        b.textContent = label;
        s.textContent = text;
        p.append(b, s);
        box.append(p);
      }
      function show(run) {
        at("status").textContent = run.status;
        const charts = at("charts");
        charts.replaceChildren();
        for (const chart of run.charts) {
          const figure = document.createElement("figure");
          figure.innerHTML = chart.svg;
          charts.append(figure);
        }
        const examples = at("examples");
        examples.replaceChildren();
        at("examples-title").textContent =
          run.examples.length ? "Answers after step " + run.examples_step.toLocaleString("en") : "";
        for (const example of run.examples) {
          const box = document.createElement("div");
          box.className = "example";
          line(box, "source", example.source);
          line(box, "wanted", example.target);
          line(box, "answered", example.prediction);
          examples.append(box);
        }
      }
      async function follow() {
        try {
          const answer = await fetch("run.json", {cache: "no-store"});
          const text = await answer.text();
          if (!answer.ok) throw new Error(text);
          if (text !== shown) { show(JSON.parse(text)); shown = text; }
          at("problem").textContent = "";
        } catch (e) {
          at("problem").textContent = "No answer from the watching program (" + e.message + "): what is shown is the last that came.";
        }
        setTimeout(follow, 2000);
      }
      follow();
      """;

  private WatchPage() {}

  /// The page of a run.
  ///
  /// @param nonce by which its script is known to the browser
  static String of(String run, String nonce) {
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,">
    <title>%s</title>
    <style>%s%s</style>
    </head>
    <body>
    <main>
    <h1>%s</h1>
    <p id="status">reading the run</p>
    <p id="problem" class="quiet"></p>
    <div id="charts" class="charts"></div>
    <h2 id="examples-title"></h2>
    <div id="examples"></div>
    </main>
    <script nonce="%s">%s</script>
    </body>
    </html>
    """
        .formatted(Html.escape(run), ChartStyle.css(), STYLE, Html.escape(run), nonce, SCRIPT);
  }
}
