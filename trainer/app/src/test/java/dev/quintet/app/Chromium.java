package dev.quintet.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A browser, where one is at hand: it tells what a page finds out about itself in a window of some width.
public final class Chromium {
  /// What sticks out of its box or of the window, by tag and class; within what scrolls by itself nothing does.
  public static final String TOO_WIDE =
      """
      [...document.querySelectorAll("body *")]
        .filter(e => !(e.closest(".scroll") && !e.matches(".scroll")))
        .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5
          || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && !(e instanceof SVGElement)
            && !e.matches(".scroll"))
        .map(e => e.tagName + "." + e.className)
        .concat([...document.querySelectorAll("svg text")].filter(t => {
          const text = t.getBoundingClientRect(), svg = t.closest("svg").getBoundingClientRect();
          return svg.width > 0 && (text.left < svg.left - 0.5 || text.right > svg.right + 0.5);
        }).map(t => t.textContent)).join(" ")
      """;

  private Chromium() {}

  /// Has a page look at itself; skips the test where there is no browser.
  ///
  /// @param folder for the page and what belongs to it
  /// @param page with a script that posts a text to its parent
  /// @param width of the window
  /// @return what it posted
  public static String told(Path folder, String page, int width) throws Exception {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no Chromium is at hand to look at the page with");
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
    int from = shown.indexOf("<p id=\"found\">") + "<p id=\"found\">".length();
    return shown.substring(from, shown.indexOf("</p>", from));
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
