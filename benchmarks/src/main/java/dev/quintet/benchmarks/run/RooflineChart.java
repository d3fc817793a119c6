package dev.quintet.benchmarks.run;

import dev.quintet.app.chart.ChartStyle;
import dev.quintet.app.chart.Html;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
      List<Side> sides = new ArrayList<>(contest.peers());
      sides.add(contest.ours());
      for (Side side : sides) {
        if (side.isThere()) {
          double flops = contest.work().flops() * side.spread().median();
          String name = side.name() + ", " + contest.title() + " " + contest.settings();
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
    var svg = new StringBuilder();
    svg.append(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Roofline\">"
            .formatted(WIDTH, HEIGHT));
    double x = LEFT;
    for (var one : colours.entrySet()) {
      String name = "\u25cf " + one.getKey().replaceFirst("Benchmark$", "");
      text(svg, "line-" + one.getValue(), "start", x, 18, name);
      x += 7 * name.length() + 16;
    }
    grid(svg, across, up);
    roof(svg, "roof", across, up, roof.flops(), roof.bytes());
    if (roof.threads() > 1) {
      roof(svg, "roof one", across, up, roof.flopsOfOne(), roof.bytesOfOne());
    }
    for (Point point : points) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle class=\"line-%d%s\" %s cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%s: %s GFLOP/s</title></circle>",
              point.colour,
              point.ours ? "" : " hollow",
              point.ours
                  ? ""
                  : "style=\"fill:var(--card);stroke:var(--line-" + point.colour + ")\"",
              across.at(point.intensity),
              up.at(point.flops),
              Html.escape(point.name),
              Figures.giga(point.flops)));
    }
    return svg.append("</svg>").toString();
  }

  private static void grid(StringBuilder svg, LogAxis across, LogAxis up) {
    for (int power = -4; power <= 16; power++) {
      double value = Math.pow(10, power);
      if (value >= across.low() && value <= across.high()) {
        line(svg, "grid", across.at(value), TOP, across.at(value), HEIGHT - BOTTOM);
        text(svg, "tick", "middle", across.at(value), HEIGHT - BOTTOM + 16, plain(value));
      }
      if (value >= up.low() && value <= up.high()) {
        line(svg, "grid", LEFT, up.at(value), WIDTH - RIGHT, up.at(value));
        text(svg, "tick", "end", LEFT - 6, up.at(value) + 4, plain(value / 1e9));
      }
    }
    line(svg, "axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM);
    line(svg, "axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    text(
        svg,
        "label",
        "middle",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 8,
        "operations for each byte");
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 %.1f) rotate(-90)\">GFLOP/s</text>",
            (TOP + HEIGHT - BOTTOM) / 2.0));
  }

  private static String plain(double value) {
    return value >= 1
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%s", Figures.digits(value)).replaceFirst("0+$", "");
  }

  private static void roof(
      StringBuilder svg, String kind, LogAxis across, LogAxis up, double flops, double bytes) {
    double start = Math.max(across.low(), up.low() / bytes);
    double ridge = flops / bytes;
    svg.append(
        String.format(
            Locale.ROOT,
            "<polyline class=\"%s\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>",
            kind,
            across.at(start),
            up.at(start * bytes),
            across.at(ridge),
            up.at(flops),
            across.at(across.high()),
            up.at(flops)));
  }

  private static void line(
      StringBuilder svg, String kind, double x1, double y1, double x2, double y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            kind,
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(
      StringBuilder svg, String kind, String anchor, double x, double y, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
            kind,
            anchor,
            x,
            y,
            Html.escape(text)));
  }
}
