package dev.quintet.app.cli;

import dev.quintet.app.cli.LossPlot.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Draws a [LossPlot] with XChart; apart from it, because neither XChart nor AWT need be there.
final class LossChart {
  private static final Color TRAINING = new Color(0x9DB4C8);
  private static final Color VALIDATION = new Color(0xC0392B);
  private static final Color EPOCH = new Color(0xB0B0B0);
  private static final Color BEST = new Color(0x1E8449);
  private static final BasicStroke NONE = new BasicStroke(0);
  private static final BasicStroke DASHED =
      new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {4, 4}, 0);

  private LossChart() {}

  static void write(LossPlot plot, Path png) throws IOException {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    XYChart chart =
        new XYChartBuilder()
            .width(1000)
            .height(600)
            .title(plot.title())
            .xAxisTitle("step")
            .yAxisTitle("loss (nats per label token)")
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setYAxisDecimalPattern("0.0#");
    List<Point> smoothed = plot.smoothed();
    epochs(chart, plot, smoothed);
    String each = plot.averaged() == 1 ? "" : ", mean of each " + plot.averaged() + " steps";
    if (!smoothed.isEmpty()) {
      add(chart, "training" + each, smoothed, TRAINING, SeriesMarkers.NONE);
    }
    if (!plot.validation().isEmpty()) {
      add(chart, "validation", plot.validation(), VALIDATION, SeriesMarkers.CIRCLE);
    }
    plot.best().ifPresent(best -> best(chart, best));
    var bytes = new ByteArrayOutputStream();
    BitmapEncoder.saveBitmap(chart, bytes, BitmapEncoder.BitmapFormat.PNG);
    Files.write(png, bytes.toByteArray());
  }

  /// A line from the lowest to the highest loss at the end of each epoch.
  private static void epochs(XYChart chart, LossPlot plot, List<Point> smoothed) {
    var losses = Stream.concat(smoothed.stream(), plot.validation().stream()).toList();
    double low = losses.stream().mapToDouble(Point::loss).min().orElse(0);
    double high = losses.stream().mapToDouble(Point::loss).max().orElse(0);
    boolean named = false;
    for (double end : plot.epochs()) {
      var line = List.of(new Point(end, low), new Point(end, high));
      XYSeries series =
          add(
              chart,
              named ? "epoch at " + end : "end of an epoch",
              line,
              EPOCH,
              SeriesMarkers.NONE);
      series.setLineStyle(DASHED).setShowInLegend(!named);
      named = true;
    }
  }

  private static void best(XYChart chart, Point best) {
    String name = String.format(Locale.ROOT, "kept: step %,.0f, %.3f", best.step(), best.loss());
    add(chart, name, List.of(best), BEST, SeriesMarkers.DIAMOND).setLineStyle(NONE);
  }

  private static XYSeries add(
      XYChart chart, String name, List<Point> points, Color color, Marker marker) {
    double[] steps = points.stream().mapToDouble(Point::step).toArray();
    double[] losses = points.stream().mapToDouble(Point::loss).toArray();
    XYSeries series = chart.addSeries(name, steps, losses);
    series.setMarker(marker).setMarkerColor(color).setLineColor(color);
    series.setLineStyle(new BasicStroke(2));
    return series;
  }
}
