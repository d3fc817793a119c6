package dev.quintet.app.tuning;

import dev.quintet.app.chart.LineChart;
import dev.quintet.app.chart.Series;
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
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Draws charts with XChart into one picture; apart from the rest, because neither XChart nor AWT need be there.
final class CurvePicture {
  private static final int WIDTH = 700;
  private static final int HEIGHT = 450;

  /// Colours that are told apart, also where red and green look alike; the first six are the page's.
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x0B62C4),
          new Color(0xB35000),
          new Color(0x1A7F37),
          new Color(0x8250DF),
          new Color(0xBF3989),
          new Color(0x0E7A86),
          new Color(0x57606A),
          new Color(0xD4A72C),
          new Color(0x6E4B1F),
          new Color(0xFF8182));

  private CurvePicture() {}

  static void write(List<LineChart> charts, Path png) throws IOException {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    List<XYChart> panels = charts.stream().map(CurvePicture::panel).toList();
    int columns = panels.size() > 1 ? 2 : 1;
    var bytes = new ByteArrayOutputStream();
    BitmapEncoder.saveBitmap(
        panels,
        (panels.size() + columns - 1) / columns,
        columns,
        bytes,
        BitmapEncoder.BitmapFormat.PNG);
    Files.write(png, bytes.toByteArray());
  }

  private static XYChart panel(LineChart chart) {
    XYChart panel =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(chart.title())
            .xAxisTitle(chart.across())
            .yAxisTitle(chart.up())
            .build();
    panel.getStyler().setChartBackgroundColor(Color.WHITE);
    panel.getStyler().setPlotBorderVisible(false);
    panel.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    for (int i = 0; i < chart.series().size(); i++) {
      Series line = chart.series().get(i);
      XYSeries drawn = panel.addSeries(line.name(), line.xs(), line.ys());
      Color colour = COLOURS.get(i % COLOURS.size());
      drawn.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(colour).setLineColor(colour);
      drawn.setLineStyle(new BasicStroke(2));
    }
    return panel;
  }
}
