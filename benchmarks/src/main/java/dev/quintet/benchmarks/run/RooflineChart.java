package dev.quintet.benchmarks.run;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;
import dev.quintet.app.chart.Svg;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A roofline (Williams, Waterman, Patterson: Roofline, CACM 52, 2009): operations a second over operations for each byte, below what
/// the machine was measured to do.
///
/// @param report the run
record RooflineChart(Report report) {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 44;
  private static final int BOTTOM = 44;

  private record Point(String name, int colour, boolean ours, double intensity, double flops) {}

  private List<Point> points(Map<String, Integer> colours) {
    List<Point> points = new ArrayList<>();
    for (Contest contest : report.contests()) {
      if (contest.work().flops() <= 0 || contest.work().bytes() <= 0) {
        continue;
      }
      double intensity = contest.work().flops() / contest.work().bytes();
      int colour =
          colours.computeIfAbsent(contest.benchmark(), name -> colours.size() % ChartStyle.COLOURS);
      for (Side side : contest.sides().reversed()) { // ours above the others
        if (side.isThere()) {
          double flops = contest.work().flops() * side.spread().median();
          String name = side.name() + ", " + contest.label();
          points.add(new Point(name, colour, side == contest.ours(), intensity, flops));
        }
      }
    }
    return points;
  }

  boolean isEmpty() {
    return points(new LinkedHashMap<>()).isEmpty();
  }

  String svg() {
    Map<String, Integer> colours = new LinkedHashMap<>();
    List<Point> points = points(colours);
    Roof roof = report.roof();
    double ridge = roof.flops() / roof.bytes();
    double left = ridge / 4;
    double right = ridge * 4;
    double low = roof.flops() / 100;
    double high = roof.flops() * 1.6;
    for (Point point : points) {
      left = Math.min(left, point.intensity / 1.5);
      right = Math.max(right, point.intensity * 1.5);
      low = Math.min(low, point.flops / 1.5);
      high = Math.max(high, point.flops * 1.5);
    }
    var across = new LogAxis(left, right, LEFT, WIDTH - RIGHT);
    var up = new LogAxis(low, high, HEIGHT - BOTTOM, TOP);
    var svg = new Svg(WIDTH, HEIGHT, "Roofline");
    svg.shape(
        "<style>svg.chart .roof { fill: none; stroke: var(--quiet); stroke-width: 1.5; }"
            + " svg.chart .roof.one { stroke-dasharray: 4 3; }"
            + " svg.chart circle.hollow { fill: var(--card); stroke-width: 1.5; }</style>");
    double x = LEFT;
    for (var one : colours.entrySet()) {
      String name = "\u25cf " + one.getKey().replaceFirst("Benchmark$", "");
      svg.text("line-" + one.getValue(), "start", x, 18, name);
      x += 7 * name.length() + 16;
    }
    grid(svg, across, up);
    roof(svg, "roof", across, up, roof.flops(), roof.bytes());
    if (roof.threads() > 1) {
      roof(svg, "roof one", across, up, roof.flopsOfOne(), roof.bytesOfOne());
    }
    for (Point point : points) {
      svg.shape(
          "<circle class=\"line-%d%s\" %s cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%s: %s GFLOP/s</title></circle>",
          point.colour,
          point.ours ? "" : " hollow",
          point.ours ? "" : "style=\"stroke:var(--line-" + point.colour + ")\"",
          across.at(point.intensity),
          up.at(point.flops),
          Html.escape(point.name),
          Figures.giga(point.flops));
    }
    return svg.end();
  }

  private static void grid(Svg svg, LogAxis across, LogAxis up) {
    for (int power = -4; power <= 16; power++) {
      double value = Math.pow(10, power);
      if (value >= across.low() && value <= across.high()) {
        svg.line("grid", across.at(value), TOP, across.at(value), HEIGHT - BOTTOM);
        svg.text("tick", "middle", across.at(value), HEIGHT - BOTTOM + 16, Figures.tick(value));
      }
      if (value >= up.low() && value <= up.high()) {
        svg.line("grid", LEFT, up.at(value), WIDTH - RIGHT, up.at(value));
        svg.text("tick", "end", LEFT - 6, up.at(value) + 4, Figures.tick(value / 1e9));
      }
    }
    svg.line("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM);
    svg.line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    double middle = (LEFT + WIDTH - RIGHT) / 2.0;
    svg.text("label", "middle", middle, HEIGHT - 8, "operations for each byte");
    svg.upwards(14, (TOP + HEIGHT - BOTTOM) / 2.0, "GFLOP/s");
  }

  private static void roof(
      Svg svg, String kind, LogAxis across, LogAxis up, double flops, double bytes) {
    double start = Math.max(across.low(), up.low() / bytes);
    double ridge = flops / bytes;
    svg.shape(
        "<polyline class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>",
        kind,
        across.at(start),
        up.at(start * bytes),
        across.at(ridge),
        up.at(flops),
        across.at(across.high()),
        up.at(flops));
  }
}
