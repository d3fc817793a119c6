package dev.quintet.app.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.core.io.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The page in a browser, where one is at hand: it draws the run, and nothing sticks out of a wide or a narrow window.
class WatchPageTest {
  private static final String MEASURE =
      """
      setTimeout(() => {
        const wide = [...document.querySelectorAll("body *")]
          .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5
            || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !(e instanceof SVGElement))
          .map(e => e.tagName + "." + e.id);
        const texts = [...document.querySelectorAll("svg text")].filter(t => {
          const text = t.getBoundingClientRect(), svg = t.closest("svg").getBoundingClientRect();
          return text.left < svg.left - 0.5 || text.right > svg.right + 0.5;
        }).map(t => t.textContent);
        parent.postMessage("charts " + document.querySelectorAll("svg.chart").length
          + ", answers " + document.querySelectorAll(".example").length
          + ", too wide: " + wide.concat(texts).join(" "), "*");
      }, 1500);
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1280, 390})
  void nothingSticksOutOfTheWindow(int width) throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no Chromium is at hand to look at the page with");
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
    Files.writeString(folder.resolve("page.html"), page);
    Path frame = folder.resolve("frame.html");
    Files.writeString(
        frame,
        """
        <!doctype html><body style="margin: 0"><p id="found"></p>
        <script>onmessage = e => document.getElementById("found").textContent = e.data;</script>
        <iframe src="page.html" style="width: %dpx; height: 3000px; border: 0"></iframe>
        """
            .formatted(width));
    String shown = dump(browser.get(), frame);
    assertTrue(shown.contains("charts 7, answers 2, too wide: </p>"), () -> found(shown));
  }

  private static String found(String page) {
    int at = page.indexOf("<p id=\"found\">");
    return at < 0 ? page : page.substring(at, Math.min(page.length(), at + 2000));
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

  private static String dump(Path browser, Path page) throws Exception {
    Path home = Files.createDirectory(page.resolveSibling("browser"));
    Path out = page.resolveSibling("dump.html");
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + home,
                "--virtual-time-budget=10000",
                "--window-size=1400,1000",
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser ends");
      assertEquals(0, process.exitValue());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  private static Optional<Path> browser() {
    return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
        .filter(folder -> !folder.isEmpty())
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
