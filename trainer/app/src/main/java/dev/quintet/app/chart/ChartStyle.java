package dev.quintet.app.chart;

/// The style sheet of pages with charts: colours for light and dark as CSS variables, and what charts and tables look like.
public final class ChartStyle {

  /// How many lines of a chart have colours of their own.
  public static final int COLOURS = 6;

  private static final String LIGHT =
      """
      color-scheme: light; --page: #ffffff; --card: #f6f7f9; --text: #1b1f24; --quiet: #57606a;
      --rule: #d0d7de; --grid: #e4e8ec; --line-0: #0b62c4; --line-1: #b35000; --line-2: #1a7f37;
      --line-3: #8250df; --line-4: #bf3989; --line-5: #0e7a86;
      """;
  private static final String DARK =
      """
      color-scheme: dark; --page: #101317; --card: #1a1f26; --text: #e8ecf1; --quiet: #a5b0bc;
      --rule: #3a434d; --grid: #2a323b; --line-0: #6cb2ff; --line-1: #ffab5e; --line-2: #5fd07f;
      --line-3: #c2a0ff; --line-4: #ff8cc6; --line-5: #5cd3df;
      """;
  private static final String RULES =
      """
      * { box-sizing: border-box; }
      body { margin: 0; padding: 16px; background: var(--page); color: var(--text);
        font: 15px/1.45 system-ui, sans-serif; }
      main { max-width: 1400px; margin: 0 auto; }
      h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
      h2 { font-size: 16px; margin: 20px 0 8px; }
      p { margin: 4px 0; overflow-wrap: anywhere; }
      .quiet { color: var(--quiet); }
      .charts { display: grid; gap: 12px; margin-top: 12px;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); }
      figure { margin: 0; padding: 8px; background: var(--card); border: 1px solid var(--rule);
        border-radius: 6px; min-width: 0; }
      svg.chart { display: block; width: 100%; height: auto; }
      svg.chart text { fill: var(--quiet); font: 11px system-ui, sans-serif; }
      svg.chart text.title { fill: var(--text); font-size: 13px; font-weight: 600; }
      svg.chart .grid { stroke: var(--grid); stroke-width: 1; }
      svg.chart .axis { stroke: var(--quiet); stroke-width: 1; }
      svg.chart polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
      """;

  private ChartStyle() {}

  /// The style sheet. A page is light or dark as the reader's system is.
  public static String css() {
    var css = new StringBuilder(":root { " + LIGHT + "}\n");
    css.append("@media (prefers-color-scheme: dark) { :root { ").append(DARK).append("} }\n");
    css.append(RULES);
    for (int i = 0; i < COLOURS; i++) {
      css.append("svg.chart .line-%d { stroke: var(--line-%d); }\n".formatted(i, i));
      css.append(
          "svg.chart circle.line-%d, svg.chart text.line-%d { fill: var(--line-%d); stroke: none; }\n"
              .formatted(i, i, i));
    }
    return css.toString();
  }
}
