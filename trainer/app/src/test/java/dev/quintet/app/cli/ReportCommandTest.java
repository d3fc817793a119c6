package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int report(Path of) {
    return Main.commands()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute("report", of.toString());
  }

  @Test
  void aRunThatWasKilledIsReportedOnAfterwards() throws Exception {
    Files.writeString(folder.resolve("run.json"), "{\"version\": 3}");
    Files.writeString(
        folder.resolve("log.jsonl"),
        """
        {"step": 1, "loss": 2.5, "rate": 0.001, "norm": 1.0, "tokens": 10, "seconds": 0.5}
        {"step": 2, "loss": 2.
        """);
    assertEquals(0, report(folder), err::toString);
    assertTrue(out.toString().contains("report: " + folder.resolve("report.html")), out::toString);
    assertTrue(Files.readString(folder.resolve("report.json")).contains("\"unread_lines\": 1"));
  }

  @Test
  void whatIsNoRunIsRefusedAndNothingIsWritten() {
    assertEquals(2, report(folder));
    assertTrue(err.toString().contains("it has no run.json"), err::toString);
    assertEquals(2, report(folder.resolve("none")));
    assertTrue(Files.notExists(folder.resolve("report.html")));
  }

  @Test
  void aFileOfSomebodyElseStays() throws Exception {
    Files.writeString(folder.resolve("run.json"), "{\"version\": 3}");
    Files.writeString(folder.resolve("report.json"), "{}");
    assertEquals(2, report(folder));
    assertTrue(err.toString().contains("is not overwritten"), err::toString);
    assertEquals("{}", Files.readString(folder.resolve("report.json")));
  }
}
