package dev.quintet.app.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class LineChartTest {

  @Test
  void aChartIsWellFormedWithLabelledAxesWhateverItsNames() throws Exception {
    var one =
        new Series(
            "a <b> & \"c\" '\u0000", new double[] {1, 2, 3}, new double[] {1, Double.NaN, 3});
    var other = new Series("other", new double[] {1}, new double[] {-1e-9});
    String svg = new LineChart("<title>", "step", "loss & more", List.of(one, other)).svg();
    var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var document = builder.parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals(3, document.getElementsByTagName("polyline").getLength());
    assertTrue(svg.contains(">step<") && svg.contains(">loss &amp; more<"));
  }

  @Test
  void manyPointsAreThinnedAndPeaksStay() {
    double[] xs = IntStream.range(0, 1_000_000).asDoubleStream().toArray();
    double[] ys = new double[xs.length];
    ys[654_321] = 40;
    String svg = new LineChart("t", "x", "y", List.of(new Series("s", xs, ys))).svg();
    assertTrue(svg.length() < 40_000, svg.length() + " characters");
    assertTrue(svg.contains(",44.0"), "the peak is at the top");
  }

  @Test
  void nothingFiniteIsSaid() {
    var chart =
        new LineChart(
            "t", "x", "y", List.of(new Series("s", new double[] {1}, new double[] {Double.NaN})));
    assertTrue(chart.isEmpty());
    assertTrue(chart.svg().contains("nothing yet"));
    assertFalse(chart.svg().contains("NaN"));
  }

  @Test
  void marksAreRoundAndToldApart() {
    Axis axis = Axis.over(0.113, 0.187, 4);
    assertEquals(
        List.of("0.10", "0.12", "0.14", "0.16", "0.18", "0.20"),
        axis.ticks().stream().map(axis::label).toList());
    Axis rates = Axis.over(0, 3e-4, 4);
    assertEquals(
        List.of("0", "1e-4", "2e-4", "3e-4"), rates.ticks().stream().map(rates::label).toList());
    Axis steps = Axis.over(0, 120_000, 4);
    assertEquals(
        List.of("0", "50k", "100k", "150k"), steps.ticks().stream().map(steps::label).toList());
    Axis near = Axis.over(0.00098, 0.001, 4);
    assertEquals(List.of("0", "0.0005", "0.0010"), near.ticks().stream().map(near::label).toList());
    Axis same = Axis.over(5, 5, 4);
    assertTrue(same.min() < 5 && same.max() > 5);
  }

  @Test
  void aLineHasAHeightForEachPlace() {
    assertThrows(
        IllegalArgumentException.class, () -> new Series("s", new double[2], new double[1]));
  }
}
