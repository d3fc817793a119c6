package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.TrialResult;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/// Draws a search with XChart: the values over the trials.
final class SearchCharts {
  private static final Color TRIAL = new Color(0x7F9DB9);
  private static final Color BEST = new Color(0x1E8449);
  private static final Color BAD = new Color(0xC8CDD2);

  private final SearchResult result;
  private final String metric;
  private final List<TrialResult> valued;

  SearchCharts(SearchResult result, String metric) {
    this.result = result;
    this.metric = metric;
    valued = result.trials().stream().filter(trial -> Double.isFinite(trial.value())).toList();
  }

  /// The value of each trial, and the best of full length so far.
  void history(Path png) throws IOException {
    XYChart chart = chart(1000, 600, "trials", "trial", metric);
    points(chart, "full length", TrialResult.State.FINISHED, TRIAL);
    points(chart, "stopped early", TrialResult.State.PRUNED, BAD);
    points(chart, "dropped at a rung", TrialResult.State.DROPPED, BAD);
    var steps = new ArrayList<double[]>();
    double best = Double.NaN;
    for (TrialResult trial : valued) {
      if (trial.state() == TrialResult.State.FINISHED) {
        boolean better =
            Double.isNaN(best)
                || (result.higherIsBetter() ? trial.value() > best : trial.value() < best);
        if (better && !Double.isNaN(best)) {
          steps.add(new double[] {trial.trial(), best});
        }
        best = better ? trial.value() : best;
        steps.add(new double[] {trial.trial(), best});
      }
    }
    if (!steps.isEmpty()) {
      XYSeries line =
          chart.addSeries(
              "best so far",
              steps.stream().mapToDouble(point -> point[0]).toArray(),
              steps.stream().mapToDouble(point -> point[1]).toArray());
      line.setMarker(SeriesMarkers.NONE).setLineColor(BEST).setLineStyle(new BasicStroke(2));
    }
    save(List.of(chart), 1, png);
  }

  private void points(XYChart chart, String name, TrialResult.State state, Color color) {
    List<TrialResult> some = valued.stream().filter(trial -> trial.state() == state).toList();
    if (!some.isEmpty()) {
      XYSeries series =
          chart.addSeries(
              name,
              some.stream().mapToDouble(TrialResult::trial).toArray(),
              some.stream().mapToDouble(TrialResult::value).toArray());
      dots(series, color, SeriesMarkers.CIRCLE);
    }
  }

  /// A value in few digits.
  static String text(Object value) {
    if (!(value instanceof Double number)) {
      String text = value instanceof String word ? word : JsonText.line(value);
      return text.length() > 16 ? text.substring(0, 15) + "…" : text;
    }
    double size = Math.abs(number);
    if (size != 0 && (size < 1e-3 || size >= 1e5)) {
      return String.format(Locale.ROOT, "%.1e", number);
    }
    String digits = String.format(Locale.ROOT, "%.3g", number);
    return digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits;
  }

  private static XYChart chart(int width, int height, String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setYAxisTickLabelsFormattingFunction(SearchCharts::text);
    return chart;
  }

  private static void dots(XYSeries series, Color color, Marker marker) {
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    series.setMarker(marker).setMarkerColor(color);
  }

  private static void save(List<XYChart> charts, int columns, Path png) throws IOException {
    int rows = (charts.size() + columns - 1) / Math.max(1, columns);
    var bytes = new ByteArrayOutputStream();
    BitmapEncoder.saveBitmap(charts, rows, columns, bytes, BitmapEncoder.BitmapFormat.PNG);
    Files.write(png, bytes.toByteArray());
  }
}
