package dev.quintet.app.cli;

import dev.quintet.trainer.search.Parameter;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.Space;
import dev.quintet.trainer.search.TrialResult;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import javax.imageio.ImageIO;

/// Draws each trial as a line through an axis a parameter to its value: the best in green, the better the darker.
record ParallelPicture(Space space, SearchResult result, String metric) {
  private static final int MARGIN = 80;
  private static final int TOP = 80;
  private static final int HEIGHT = 400;
  private static final int APART = 150;
  private static final int LINES = 100;
  private static final Color BEST = new Color(0x1E8449);

  /// Writes the picture.
  void write(Path png) throws IOException {
    int axes = space.dimensions() + 1;
    int width = Math.max(700, 2 * MARGIN + APART * (axes - 1));
    var image = new BufferedImage(width, TOP + HEIGHT + 60, BufferedImage.TYPE_INT_RGB);
    Graphics2D to = image.createGraphics();
    to.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    to.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    to.setColor(Color.WHITE);
    to.fillRect(0, 0, width, image.getHeight());
    List<TrialResult> order =
        result.trials().stream()
            .filter(trial -> Double.isFinite(trial.value()))
            .sorted(
                Comparator.comparingDouble(
                    trial -> result.higherIsBetter() ? trial.value() : -trial.value()))
            .toList();
    List<TrialResult> drawn = order.subList(Math.max(0, order.size() - LINES), order.size());
    double low = drawn.stream().mapToDouble(TrialResult::value).min().orElse(0);
    double high = drawn.stream().mapToDouble(TrialResult::value).max().orElse(1);
    double apart = (width - 2.0 * MARGIN) / (axes - 1);
    for (int i = 0; i < drawn.size(); i++) {
      boolean best = result.best().map(drawn.get(i)::equals).orElse(false);
      int shade = 215 - (int) (130.0 * i / Math.max(1, drawn.size() - 1));
      to.setColor(best ? BEST : new Color(shade, shade, Math.min(255, shade + 20)));
      to.setStroke(new BasicStroke(best ? 3 : 1.2f));
      line(to, drawn.get(i), low, high, apart);
    }
    axes(to, low, high, apart);
    to.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    String title =
        "trials through all parameters, the best in green"
            + (order.size() > LINES ? ", the worst " + (order.size() - LINES) + " left out" : "");
    centred(to, title, width / 2, 26);
    to.dispose();
    ImageIO.write(image, "png", png.toFile());
  }

  private void line(Graphics2D to, TrialResult trial, double low, double high, double apart) {
    double[] units = space.units(trial.values());
    double last = high > low ? (trial.value() - low) / (high - low) : 0.5;
    for (int i = 0; i < units.length; i++) {
      double next = i + 1 < units.length ? units[i + 1] : last;
      to.drawLine(x(i, apart), y(units[i]), x(i + 1, apart), y(next));
    }
  }

  private void axes(Graphics2D to, double low, double high, double apart) {
    List<String> names = space.names();
    for (int i = 0; i <= names.size(); i++) {
      to.setColor(Color.DARK_GRAY);
      to.setStroke(new BasicStroke(1));
      to.drawLine(x(i, apart), y(0), x(i, apart), y(1));
      to.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 12));
      centred(to, i < names.size() ? names.get(i) : metric, x(i, apart), TOP - 26);
      to.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
      if (i == names.size()) {
        centred(to, SearchCharts.text(high), x(i, apart), TOP - 8);
        centred(to, SearchCharts.text(low), x(i, apart), y(0) + 20);
        continue;
      }
      Parameter parameter = space.parameter(names.get(i));
      if (parameter instanceof Parameter.Choice choice) {
        for (Object value : choice.values()) {
          centred(to, SearchCharts.text(value), x(i, apart), y(parameter.unit(value)) - 4);
        }
      } else {
        centred(to, SearchCharts.text(parameter.at(1)), x(i, apart), TOP - 8);
        centred(to, SearchCharts.text(parameter.at(0)), x(i, apart), y(0) + 20);
      }
    }
  }

  private static int x(int axis, double apart) {
    return MARGIN + (int) (axis * apart);
  }

  private static int y(double unit) {
    return TOP + (int) ((1 - unit) * HEIGHT);
  }

  private static void centred(Graphics2D to, String text, int x, int y) {
    to.drawString(text, x - to.getFontMetrics().stringWidth(text) / 2, y);
  }
}
