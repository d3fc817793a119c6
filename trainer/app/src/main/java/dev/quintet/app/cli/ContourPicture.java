package dev.quintet.app.cli;

import dev.quintet.trainer.search.Landscape;
import dev.quintet.trainer.search.Parameter;
import dev.quintet.trainer.search.Space;
import dev.quintet.trainer.search.TrialResult;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/// Draws what is expected over two parameters, all others being those of the best trial: bands of like values with lines
/// between them, and the trials as dots.
final class ContourPicture {
  private static final int LEFT = 110;
  private static final int TOP = 50;
  private static final int SIDE = 520;
  private static final int CELL = 4;
  private static final int BANDS = 10;
  private static final int TICKS = 5;
  private static final int FEW = 8;
  private static final Color LOW = new Color(0x1E8449);
  private static final Color HIGH = new Color(0xF4F6F8);

  private final Space space;
  private final Landscape landscape;
  private final boolean higherIsBetter;
  private final int across;
  private final int up;

  /// @param across name of the parameter from left to right
  /// @param up name of the one from bottom to top
  ContourPicture(
      Space space, Landscape landscape, boolean higherIsBetter, String across, String up) {
    this.space = space;
    this.landscape = landscape;
    this.higherIsBetter = higherIsBetter;
    this.across = space.names().indexOf(across);
    this.up = space.names().indexOf(up);
  }

  /// Writes the picture.
  ///
  /// @param best the trial that gives all other values
  void write(TrialResult best, List<TrialResult> trials, String metric, Path png)
      throws IOException {
    int cells = SIDE / CELL;
    double[][] values = new double[cells][cells];
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    double[] units = space.units(best.values());
    for (int y = 0; y < cells; y++) {
      for (int x = 0; x < cells; x++) {
        units[across] = (x + 0.5) / cells;
        units[up] = (y + 0.5) / cells;
        values[y][x] = landscape.at(units);
        low = Math.min(low, values[y][x]);
        high = Math.max(high, values[y][x]);
      }
    }
    var image = new BufferedImage(LEFT + SIDE + 190, TOP + SIDE + 80, BufferedImage.TYPE_INT_RGB);
    Graphics2D to = image.createGraphics();
    to.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    to.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    to.setColor(Color.WHITE);
    to.fillRect(0, 0, image.getWidth(), image.getHeight());
    bands(to, values, low, high);
    dots(to, trials, best);
    axes(to, metric);
    scale(to, low, high, metric);
    to.dispose();
    ImageIO.write(image, "png", png.toFile());
  }

  private static int band(double value, double low, double high) {
    return high > low ? Math.min(BANDS - 1, (int) ((value - low) / (high - low) * BANDS)) : 0;
  }

  private static Color color(int band) {
    double share = band / (BANDS - 1.0);
    return new Color(
        (int) (LOW.getRed() + share * (HIGH.getRed() - LOW.getRed())),
        (int) (LOW.getGreen() + share * (HIGH.getGreen() - LOW.getGreen())),
        (int) (LOW.getBlue() + share * (HIGH.getBlue() - LOW.getBlue())));
  }

  private static void bands(Graphics2D to, double[][] values, double low, double high) {
    int cells = values.length;
    for (int y = 0; y < cells; y++) {
      for (int x = 0; x < cells; x++) {
        int band = band(values[y][x], low, high);
        int top = TOP + SIDE - (y + 1) * CELL;
        to.setColor(color(band));
        to.fillRect(LEFT + x * CELL, top, CELL, CELL);
        to.setColor(new Color(0x9AA5AF));
        if (x + 1 < cells && band(values[y][x + 1], low, high) != band) {
          to.fillRect(LEFT + (x + 1) * CELL, top, 1, CELL);
        }
        if (y + 1 < cells && band(values[y + 1][x], low, high) != band) {
          to.fillRect(LEFT + x * CELL, top, CELL, 1);
        }
      }
    }
  }

  private void dots(Graphics2D to, List<TrialResult> trials, TrialResult best) {
    for (TrialResult trial : trials) {
      List<String> names = List.of(space.names().get(across), space.names().get(up));
      if (trial.values().keySet().containsAll(names)) {
        double[] units = space.units(trial.values());
        int x = LEFT + (int) (units[across] * SIDE);
        int y = TOP + SIDE - (int) (units[up] * SIDE);
        boolean isBest = trial.equals(best);
        int size = isBest ? 12 : 6;
        to.setColor(isBest ? new Color(0xC0392B) : new Color(0x2C3E50));
        to.fillOval(x - size / 2, y - size / 2, size, size);
      }
    }
  }

  private void axes(Graphics2D to, String metric) {
    to.setColor(Color.DARK_GRAY);
    to.setStroke(new BasicStroke(1));
    to.drawRect(LEFT, TOP, SIDE, SIDE);
    String right = space.names().get(across);
    String high = space.names().get(up);
    to.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    centred(to, metric + " expected, all else as in the best trial (red)", LEFT + SIDE / 2, 28);
    centred(to, right, LEFT + SIDE / 2, TOP + SIDE + 52);
    AffineTransform before = to.getTransform();
    to.rotate(-Math.PI / 2, 22, TOP + SIDE / 2.0);
    centred(to, high, 22, TOP + SIDE / 2);
    to.setTransform(before);
    to.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    for (double u : ticks(space.parameter(right))) {
      int x = LEFT + (int) (u * SIDE);
      to.drawLine(x, TOP + SIDE, x, TOP + SIDE + 5);
      centred(to, SearchCharts.text(space.parameter(right).at(u)), x, TOP + SIDE + 22);
    }
    for (double u : ticks(space.parameter(high))) {
      int y = TOP + SIDE - (int) (u * SIDE);
      to.drawLine(LEFT - 5, y, LEFT, y);
      String text = SearchCharts.text(space.parameter(high).at(u));
      to.drawString(text, LEFT - 10 - to.getFontMetrics().stringWidth(text), y + 4);
    }
  }

  /// Where an axis is labelled: in the middle of each of a few values, else at equal distances.
  static double[] ticks(Parameter parameter) {
    long count = parameter.count().orElse(Long.MAX_VALUE);
    boolean few = count <= FEW;
    int ticks = few ? (int) count : TICKS;
    double[] places = new double[ticks];
    Arrays.setAll(places, i -> few ? (i + 0.5) / ticks : i / (ticks - 1.0));
    return places;
  }

  private void scale(Graphics2D to, double low, double high, String metric) {
    int x = LEFT + SIDE + 30;
    to.drawString(metric, x, TOP + 4);
    for (int band = 0; band < BANDS; band++) {
      int y = TOP + 20 + band * 24;
      to.setColor(color(band));
      to.fillRect(x, y, 24, 24);
      to.setColor(Color.DARK_GRAY);
      to.drawRect(x, y, 24, 24);
      double from = low + band * (high - low) / BANDS;
      double until = low + (band + 1) * (high - low) / BANDS;
      to.drawString(
          SearchCharts.text(natural(from)) + " to " + SearchCharts.text(natural(until)),
          x + 32,
          y + 16);
    }
  }

  private double natural(double value) {
    return higherIsBetter ? -value : value;
  }

  private static void centred(Graphics2D to, String text, int x, int y) {
    to.drawString(text, x - to.getFontMetrics().stringWidth(text) / 2, y);
  }
}
