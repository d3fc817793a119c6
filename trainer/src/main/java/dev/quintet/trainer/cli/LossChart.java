package dev.quintet.trainer.cli;

import dev.quintet.trainer.cli.LossPlot.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Draws a [LossPlot] with XChart; apart from it, because neither XChart nor AWT need be there.
final class LossChart {
  private static final Color TRAINING = new Color(0x9DB4C8);
  private static final Color VALIDATION = new Color(0xC0392B);

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
    add(chart, "training", plot.smoothed(), TRAINING, SeriesMarkers.NONE);
    add(chart, "validation", plot.validation(), VALIDATION, SeriesMarkers.CIRCLE);
    var bytes = new ByteArrayOutputStream();
    BitmapEncoder.saveBitmap(chart, bytes, BitmapEncoder.BitmapFormat.PNG);
    Files.write(png, bytes.toByteArray());
  }

  private static void add(
      XYChart chart, String name, List<Point> points, Color color, Marker marker) {
    if (points.isEmpty()) {
      return;
    }
    double[] steps = points.stream().mapToDouble(Point::step).toArray();
    double[] losses = points.stream().mapToDouble(Point::loss).toArray();
    chart
        .addSeries(name, steps, losses)
        .setMarker(marker)
        .setMarkerColor(color)
        .setLineColor(color)
        .setLineStyle(new BasicStroke(2));
  }
}
