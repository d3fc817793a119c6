package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class BenchPageTest {
  private static final Report REPORT =
      Example.report(
          Example.contest(
              "<script>\"&'",
              Example.side("quintet", "Quintet", 1000, 1100, 900),
              Example.side("mkl", "MKL", 500, 500, 500),
              Example.side("openBlas", "OpenBLAS", 5, 5, 5)));

  @Test
  void thePageNeedsNothingElseAndEscapesWhatItShows() {
    String page = BenchPage.of(REPORT, Optional.empty());
    assertTrue(page.contains(BenchPage.MARK));
    assertFalse(page.contains("<script"), page);
    assertFalse(page.contains("://"), "no address");
    assertFalse(page.contains("NaN"));
    assertTrue(page.contains("one &lt;of&gt; &quot;these&quot;"));
    assertTrue(page.contains("prefers-color-scheme: dark"));
  }

  @Test
  void chartsAreWellFormed() throws Exception {
    for (String svg :
        new String[] {new RatioChart(REPORT.contests()).svg(), new RooflineChart(REPORT).svg()}) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(svg)));
      assertEquals("svg", document.getDocumentElement().getTagName());
    }
    assertTrue(new RatioChart(REPORT.contests()).svg().contains(">2.00<"));
  }

  @Test
  void aRunWithoutPeersOrCountsHasNoCharts() {
    String page = BenchPage.of(Example.report(), Optional.empty());
    assertFalse(page.contains("<svg"));
  }
}
