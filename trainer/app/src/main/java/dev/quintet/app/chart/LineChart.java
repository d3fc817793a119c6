package dev.quintet.app.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Lines over a common axis, with labelled axes and a legend, as SVG in the style of [ChartStyle].
///
/// @param title what it shows
/// @param across what lies along the horizontal axis
/// @param up what lies along the vertical axis, with its unit
/// @param series the lines; those without a finite point are left out
public record LineChart(String title, String across, String up, List<Series> series) {
  private static final int WIDTH = 400;
  private static final int HEIGHT = 250;
  private static final int LEFT = 64;
  private static final int RIGHT = 14;
  private static final int TOP = 44;
  private static final int BOTTOM = 40;
  private static final int FEW = 40;

  /// Between two names of the legend.
  private static final int GAP = 12;

  /// Copies the list.
  public LineChart {
    series = List.copyOf(series);
  }

  /// Whether there is anything to show.
  public boolean isEmpty() {
    return series.stream().noneMatch(line -> Arrays.stream(line.ys()).anyMatch(Double::isFinite));
  }

  /// The chart, 400 by 250 and scaled to the width of where it stands.
  public String svg() {
    var svg = new Svg(WIDTH, HEIGHT, title);
    svg.text("title", "start", LEFT, 16, fitting(title, WIDTH - LEFT - RIGHT, 13));
    if (isEmpty()) {
      svg.text("none", "middle", WIDTH / 2.0, HEIGHT / 2.0, "nothing yet");
      return svg.end();
    }
    List<Line> lines = lines();
    Axis horizontal = horizontal(lines);
    Axis vertical = vertical(lines);
    axes(svg, horizontal, vertical);
    legend(svg, lines);
    lines.forEach(line -> draw(svg, line, horizontal, vertical));
    return svg.end();
  }

  /// A line thinned to what can be seen, and its colour.
  private record Line(String name, int colour, List<double[]> pieces, boolean few) {}

  private List<Line> lines() {
    var lines = new ArrayList<Line>();
    for (Series one : series) {
      List<double[]> pieces = Thinning.of(one, WIDTH - LEFT - RIGHT);
      if (!pieces.isEmpty()) {
        int colour = lines.size() % ChartStyle.COLOURS;
        lines.add(new Line(one.name(), colour, pieces, one.size() <= FEW));
      }
    }
    return lines;
  }

  private static Axis horizontal(List<Line> lines) {
    return over(lines, 0, 4);
  }

  private static Axis vertical(List<Line> lines) {
    return over(lines, 1, 4);
  }

  private static Axis over(List<Line> lines, int coordinate, int about) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (double[] piece : line.pieces) {
        for (int i = coordinate; i < piece.length; i += 2) {
          min = Math.min(min, piece[i]);
          max = Math.max(max, piece[i]);
        }
      }
    }
    return Axis.over(min, max, about);
  }

  private void axes(Svg svg, Axis horizontal, Axis vertical) {
    for (double tick : vertical.ticks()) {
      double y = y(vertical, tick);
      svg.line("grid", LEFT, y, WIDTH - RIGHT, y);
      svg.text("tick", "end", LEFT - 6, y + 4, vertical.label(tick));
    }
    for (double tick : horizontal.ticks()) {
      double x = x(horizontal, tick);
      svg.line("grid", x, TOP, x, HEIGHT - BOTTOM);
      svg.text("tick", "middle", x, HEIGHT - BOTTOM + 15, horizontal.label(tick));
    }
    svg.line("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM);
    svg.line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
    double middle = (LEFT + WIDTH - RIGHT) / 2.0;
    svg.text("label", "middle", middle, HEIGHT - 6, fitting(across, WIDTH - LEFT - RIGHT, 11));
    double half = (TOP + HEIGHT - BOTTOM) / 2.0;
    svg.upwards(12, half, fitting(up, HEIGHT - TOP - BOTTOM + 40, 11));
  }

  /// The lines' names in their colours, in one row or else in two, as far as there is room.
  private static void legend(Svg svg, List<Line> lines) {
    if (lines.size() == 1) {
      return;
    }
    double room = WIDTH - RIGHT - LEFT + GAP;
    boolean two = lines.stream().mapToDouble(line -> width(mark(line.name), 11) + GAP).sum() > room;
    int y = two ? 28 : 34;
    double x = LEFT;
    for (Line line : lines) {
      if (two && y == 28 && x + width(mark(line.name), 11) > WIDTH - RIGHT && x > LEFT) {
        x = LEFT;
        y = 40;
      }
      if (x > WIDTH - RIGHT - 60) {
        return;
      }
      String name = mark(fitting(line.name, WIDTH - RIGHT - x - 20, 11));
      svg.text("line-" + line.colour, "start", x, y, name);
      x += width(name, 11) + GAP;
    }
  }

  private static String mark(String name) {
    return "\u2014 " + name;
  }

  /// A text cut to the room it has, with an ellipsis where it is cut.
  private static String fitting(String text, double room, int size) {
    int[] characters = text.codePoints().toArray();
    int count = characters.length;
    while (count > 0 && width(new String(characters, 0, count), size) > room - size) {
      count--;
    }
    return count == characters.length || width(text, size) <= room
        ? text
        : new String(characters, 0, count) + "\u2026";
  }

  /// About how wide a text is drawn; never less.
  private static double width(String text, int size) {
    return size * text.codePoints().mapToDouble(c -> c < 0x250 ? 0.66 : 1.1).sum();
  }

  private static void draw(Svg svg, Line line, Axis horizontal, Axis vertical) {
    for (double[] piece : line.pieces) {
      var points = new StringBuilder();
      for (int i = 0; i < piece.length; i += 2) {
        double x = x(horizontal, piece[i]);
        double y = y(vertical, piece[i + 1]);
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        if (line.few || piece.length == 2) {
          svg.shape(
              "<circle class=\"line-%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"/>", line.colour, x, y);
        }
      }
      svg.shape(
          "<polyline class=\"line-%d\" points=\"%s\"/>", line.colour, points.toString().strip());
    }
  }

  private static double x(Axis axis, double value) {
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Axis axis, double value) {
    return HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM);
  }
}
