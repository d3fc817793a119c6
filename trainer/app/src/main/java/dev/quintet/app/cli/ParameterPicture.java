package dev.quintet.app.cli;

import dev.quintet.trainer.search.Parameter;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.Space;
import dev.quintet.trainer.search.TrialResult;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/// Draws each parameter against the value, a panel a parameter, of those trials in which it exists; the best in green.
record ParameterPicture(Space space, SearchResult result, String metric) {
  private static final int WIDTH = 500;
  private static final int HEIGHT = 340;
  private static final int LEFT = 70;
  private static final int TOP = 40;
  private static final int WIDE = 390;
  private static final int HIGH = 240;
  private static final int TICKS = 5;

  /// Writes the picture.
  void write(Path png) throws IOException {
    List<String> names = space.names();
    int columns = Math.min(2, names.size());
    int rows = (names.size() + columns - 1) / columns;
    var image = new BufferedImage(columns * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D to = image.createGraphics();
    to.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    to.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    to.setColor(Color.WHITE);
    to.fillRect(0, 0, image.getWidth(), image.getHeight());
    List<TrialResult> valued =
        result.trials().stream().filter(trial -> Double.isFinite(trial.value())).toList();
    double low = valued.stream().mapToDouble(TrialResult::value).min().orElse(0);
    double high = valued.stream().mapToDouble(TrialResult::value).max().orElse(1);
    for (int i = 0; i < names.size(); i++) {
      int x = i % columns * WIDTH + LEFT;
      int y = i / columns * HEIGHT + TOP;
      axes(to, names.get(i), low, high, x, y);
      for (TrialResult trial : valued) {
        if (trial.values().containsKey(names.get(i))) {
          double share = high > low ? (trial.value() - low) / (high - low) : 0.5;
          boolean best = result.best().map(trial::equals).orElse(false);
          int size = best ? 11 : 7;
          to.setColor(best ? new Color(0x1E8449) : new Color(0x7F9DB9));
          to.fillOval(
              x + (int) (space.units(trial.values())[i] * WIDE) - size / 2,
              y + (int) ((1 - share) * HIGH) - size / 2,
              size,
              size);
        }
      }
    }
    to.dispose();
    ImageIO.write(image, "png", png.toFile());
  }

  private void axes(Graphics2D to, String name, double low, double high, int x, int y) {
    to.setColor(Color.DARK_GRAY);
    to.drawRect(x, y, WIDE, HIGH);
    to.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    centred(to, metric + " over " + name, x + WIDE / 2, y - 14);
    to.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    Parameter parameter = space.parameter(name);
    for (double u : ContourPicture.ticks(parameter)) {
      int at = x + (int) (u * WIDE);
      to.drawLine(at, y + HIGH, at, y + HIGH + 5);
      centred(to, SearchCharts.text(parameter.at(u)), at, y + HIGH + 22);
    }
    for (int i = 0; i < TICKS; i++) {
      double share = i / (TICKS - 1.0);
      int at = y + HIGH - (int) (share * HIGH);
      String text = SearchCharts.text(low + share * (high - low));
      to.drawLine(x - 5, at, x, at);
      to.drawString(text, x - 9 - to.getFontMetrics().stringWidth(text), at + 4);
    }
  }

  private static void centred(Graphics2D to, String text, int x, int y) {
    to.drawString(text, x - to.getFontMetrics().stringWidth(text) / 2, y);
  }
}
