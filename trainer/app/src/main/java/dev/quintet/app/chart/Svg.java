package dev.quintet.app.chart;

import java.util.Locale;

/// A picture as it is drawn, in the style of [ChartStyle].
public final class Svg {
  private final StringBuilder drawn = new StringBuilder();

  /// An empty picture.
  ///
  /// @param label what it shows, for who cannot see it
  public Svg(int width, int height, String label) {
    shape(
        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
        width, height, Html.escape(label));
  }

  /// Any shape.
  ///
  /// @param form its element
  /// @param values what stands in it; texts must be escaped
  public void shape(String form, Object... values) {
    drawn.append(String.format(Locale.ROOT, form, values));
  }

  /// A straight line.
  ///
  /// @param kind its class in the style sheet
  public void line(String kind, double x1, double y1, double x2, double y2) {
    shape(
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        kind, x1, y1, x2, y2);
  }

  /// A text.
  ///
  /// @param kind its class in the style sheet
  /// @param anchor which of its ends is at x: `start`, `middle` or `end`
  public void text(String kind, String anchor, double x, double y, String text) {
    shape(
        "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
        kind, anchor, x, y, Html.escape(text));
  }

  /// The label of a vertical axis, which is read upwards.
  ///
  /// @param y its middle
  public void upwards(int x, double y, String text) {
    shape(
        "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(%d %.1f) rotate(-90)\">%s</text>",
        x, y, Html.escape(text));
  }

  /// The whole picture.
  public String end() {
    return drawn + "</svg>";
  }
}
