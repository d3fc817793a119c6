package dev.quintet.app.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.app.Chromium;
import dev.quintet.core.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The page in a browser, where one is at hand: it draws the run, and nothing sticks out of a wide or a narrow window.
class WatchPageTest {
  private static final String MEASURE =
      """
      setTimeout(() => parent.postMessage("charts " + document.querySelectorAll("svg.chart").length
        + ", answers " + document.querySelectorAll(".example").length
        + ", too wide: " + %s, "*"), 1500);
      """
          .formatted(Chromium.TOO_WIDE);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1280, 390})
  void nothingSticksOutOfTheWindow(int width) throws Exception {
    sampleRun();
    String data = new RunView(folder).json();
    String page =
        WatchPage.of("run-" + "long".repeat(60), "n")
            .replace(
                "<script nonce=\"n\">",
                "<script>window.fetch = async () => ({ok: true, text: async () => "
                    + JsonText.of(data).replace("</", "<\\/")
                    + "});"
                    + MEASURE);
    assertEquals("charts 7, answers 2, too wide: ", Chromium.told(folder, page, width));
  }

  private void sampleRun() throws IOException {
    var log = new StringBuilder();
    for (int step = 1; step <= 2000; step++) {
      log.append(
          String.format(
              Locale.ROOT,
              "{\"step\": %d, \"loss\": %.4f, \"rate\": %.7f, \"norm\": %.3f, \"tokens\": %d, \"seconds\": 0.25, \"memory\": %d}%n",
              step,
              4 * Math.exp(-step / 500.0) + 0.3 * Math.sin(step),
              3e-4 * (1 - step / 2000.0),
              1 + 0.4 * Math.cos(step * 0.7),
              2000 + step % 97,
              1_500_000_000L + step * 1000L));
      if (step % 200 == 0) {
        log.append(
            String.format(
                Locale.ROOT,
                "{\"step\": %d, \"validation_loss\": %.4f, \"best\": true, \"rougeL\": %.2f, \"a_metric_with_a_very_long_name_indeed/of_a_group\": 0.5}%n",
                step,
                3 * Math.exp(-step / 600.0) + 0.4,
                40 * (1 - Math.exp(-step / 400.0))));
      }
    }
    Files.writeString(folder.resolve("log.jsonl"), log);
    Files.writeString(folder.resolve("run.json"), "{\"steps\": \"3000\"}");
    Files.writeString(
        folder.resolve("predictions-2000.jsonl"),
        """
        {"source": "summarize: The small ferry left the harbour at dawn, carrying only three passengers and a crate of lemons.", "target": "A ferry left at dawn.", "prediction": "The ferry left."}
        {"source": "%s", "target": "<b>bold</b>", "prediction": "two\\nlines"}
        """
            .formatted("unbroken".repeat(50)));
  }
}
