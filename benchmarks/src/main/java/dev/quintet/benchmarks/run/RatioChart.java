package dev.quintet.benchmarks.run;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;
import dev.quintet.app.chart.Svg;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Bars of the ratio to each peer, a group for each row of ours, over a logarithmic axis on which 2 and 1/2 lie equally far from 1.
///
/// @param contests the rows
record RatioChart(List<Contest> contests) {
  private static final int WIDTH = 900;
  private static final int LEFT = 360;
  private static final int RIGHT = 60;
  private static final int TOP = 40;
  private static final int BAR = 14;
  private static final int GAP = 8;
  private static final int LINE = 16;

  private static final double[] TICKS = {
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000
  };

  private record Name(String text, int colour, double x, int line) {}

  private record Bar(String peer, Spread ratio) {}

  private record Group(String name, List<Bar> bars) {}

  private List<Group> groups() {
    List<Group> groups = new ArrayList<>();
    for (Contest contest : contests) {
      List<Bar> bars = new ArrayList<>();
      for (Side peer : contest.peers()) {
        if (peer.isThere() && contest.ours().isThere()) {
          bars.add(new Bar(peer.name(), Spread.of(contest.ours().ratios(peer))));
        }
      }
      if (!bars.isEmpty()) {
        groups.add(new Group(contest.label(), bars));
      }
    }
    return groups;
  }

  boolean isEmpty() {
    return groups().isEmpty();
  }

  String svg() {
    List<Group> groups = groups();
    Map<String, Integer> colours = new LinkedHashMap<>();
    double low = 0.5;
    double high = 2;
    int height = 0;
    for (Group group : groups) {
      height += group.bars.size() * BAR + GAP;
      for (Bar bar : group.bars) {
        colours.putIfAbsent(bar.peer, colours.size() % ChartStyle.COLOURS);
        low = Math.min(low, bar.ratio.low());
        high = Math.max(high, bar.ratio.high());
      }
    }
    List<Name> legend = legend(colours);
    int top = TOP + (legend.isEmpty() ? 0 : LINE * legend.getLast().line);
    height += top + 28;
    var axis = new LogAxis(low, high, LEFT, WIDTH - RIGHT);
    var svg = new Svg(WIDTH, height, "Ratio to each peer");
    svg.shape(
        "<style>svg.chart .even { stroke: var(--text); stroke-width: 1.5; }"
            + " svg.chart .spread { stroke: var(--text); stroke-width: 1; }"
            + " svg.chart text.name { fill: var(--text); }</style>");
    for (Name name : legend) {
      svg.text("line-" + name.colour, "start", name.x, 18 + name.line * LINE, name.text);
    }
    for (double tick : TICKS) {
      if (tick >= low && tick <= high) {
        double x = axis.at(tick);
        svg.line(tick == 1 ? "even" : "grid", x, top - 4, x, height - 26);
        svg.text("tick", "middle", x, height - 10, Figures.tick(tick));
      }
    }
    double y = top;
    for (Group group : groups) {
      double middle = y + group.bars.size() * BAR / 2.0;
      svg.text("name", "end", LEFT - 8, middle + 4, shortened(group.name));
      for (Bar bar : group.bars) {
        bar(svg, axis, bar, colours.getOrDefault(bar.peer, 0), y);
        y += BAR;
      }
      y += GAP;
    }
    return svg.end();
  }

  private static void bar(Svg svg, LogAxis axis, Bar bar, int colour, double y) {
    double from = Math.min(axis.at(1), axis.at(bar.ratio.median()));
    double to = Math.max(axis.at(1), axis.at(bar.ratio.median()));
    svg.shape(
        "<rect class=\"line-%d\" style=\"fill:var(--line-%d);stroke:none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>%s: %s</title></rect>",
        colour,
        colour,
        from,
        y + 1,
        Math.max(1, to - from),
        BAR - 3,
        Html.escape(bar.peer),
        Figures.ratio(bar.ratio.median()));
    double middle = y + BAR / 2.0;
    svg.line("spread", axis.at(bar.ratio.low()), middle, axis.at(bar.ratio.high()), middle);
    double right = Math.max(axis.at(bar.ratio.high()), axis.at(1));
    svg.text("value", "start", right + 4, middle + 4, Figures.ratio(bar.ratio.median()));
  }

  /// The peers' names in their colours, in as many lines as they take.
  private static List<Name> legend(Map<String, Integer> colours) {
    List<Name> names = new ArrayList<>();
    double x = 8;
    int line = 0;
    for (var peer : colours.entrySet()) {
      String text = "\u25a0 " + peer.getKey();
      double width = 7 * text.length() + 16;
      if (x + width > WIDTH && x > 8) {
        x = 8;
        line++;
      }
      names.add(new Name(text, peer.getValue(), x, line));
      x += width;
    }
    return names;
  }

  private static String shortened(String name) {
    int most = 58;
    return name.length() <= most ? name : name.substring(0, most - 1) + "\u2026";
  }
}
