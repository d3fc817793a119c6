package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void aReportComesBackAsItWas() {
    var ours =
        new Side(
            "quintet",
            "Quintet",
            List.of(new Turn(List.of(1.5, 2.5e9), 0.25, Double.NaN)),
            Map.of("gc.alloc.rate.norm (B/op)", 66000.0),
            List.of("ids differ \"here\""),
            Optional.empty());
    Report report =
        Example.report(
                Example.contest(
                    "4096x512x512",
                    ours,
                    Example.side("mkl", "MKL", 3, 4, 5),
                    Example.missing("onnx", "ONNX Runtime", "not given")))
            .with(List.of(), false)
            .with(
                List.of(
                    Example.contest(
                        "4096x512x512", ours, Example.missing("onnx", "ONNX", "not given"))),
                false)
            .with(new Roof(2, 1e11, 2e11, 3e10, 7e10));
    Path file = folder.resolve("x.json");
    ReportFile.write(file, report);
    assertEquals(report, ReportFile.read(file));
    assertTrue(ReportFile.isOurs(file));
  }

  @Test
  void sharesStandInTheFileForOthersToRead() {
    String text =
        ReportFile.text(
            Example.report(
                Example.contest("1", Example.side("quintet", "Quintet", 500, 500, 500))));
    String shares = text.replaceAll("\\s+", "").replaceFirst(".*\"share_of_peak\":", "");
    assertTrue(shares.startsWith("{\"flops\":0.25,\"bytes\":0.0333"), shares);
  }

  @Test
  void aFileOfAnEarlierVersionHasOnePeak() throws IOException {
    Path file = folder.resolve("x.json");
    String text = ReportFile.text(Example.report()).replace("\"peaks\"", "\"unknown\"");
    Files.writeString(file, text);
    assertEquals(List.of(Example.ROOF), ReportFile.read(file).peaks());
  }

  @Test
  void aFileThatIsNotThereIsNamedWithItsOption() {
    for (Path none : List.of(folder, folder.resolve("none.json"))) {
      var refused =
          assertThrows(IllegalArgumentException.class, () -> ReportFile.read("--baseline", none));
      assertTrue(refused.getMessage().startsWith("--baseline " + none), refused.getMessage());
    }
  }

  @Test
  void whatIsNoReportIsRefusedWithItsPlace() throws IOException {
    Path file = folder.resolve("x.json");
    for (String text :
        List.of(
            "{}",
            "[]",
            "{\"quintet_bench\": 2}",
            "{\"quintet_bench\": 1}",
            "{\"quintet_bench\": 1, \"peak\": {\"threads\": 1}}",
            ReportFile.text(Example.report()) + "x",
            ReportFile.text(Example.report()).replace("\"contests\": []", "\"contests\": [3]"),
            ReportFile.text(
                    Example.report(Example.contest("1", Example.side("quintet", "Quintet", 7))))
                .replace("14.0", "-14.0"))) {
      Files.writeString(file, text);
      assertThrows(MalformedFileException.class, () -> ReportFile.read(file), text);
    }
  }

  @Test
  void aFileOfSomebodyElseIsNotReplaced() throws IOException {
    Path file = folder.resolve("mine.json");
    Files.writeString(file, "{\"mine\": 1}");
    assertFalse(ReportFile.isOurs(file));
    assertThrows(
        IllegalArgumentException.class,
        () -> ResultFiles.of(folder.resolve("mine"), Optional.empty()));
    Files.delete(file);
    Files.writeString(folder.resolve("mine.html"), "<p>mine</p>");
    assertThrows(
        IllegalArgumentException.class,
        () -> ResultFiles.of(folder.resolve("mine"), Optional.empty()));
  }

  @Test
  void ownFilesAreReplacedButNotTheBaseline() {
    ResultFiles files = ResultFiles.of(folder.resolve("run"), Optional.empty());
    files.write(Example.report(), Optional.empty());
    assertEquals(files, ResultFiles.of(folder.resolve("run"), Optional.empty()));
    assertEquals(files, ResultFiles.of(folder.resolve("run.json"), Optional.empty()));
    assertThrows(
        IllegalArgumentException.class,
        () -> ResultFiles.of(folder.resolve("run"), Optional.of(files.json())));
  }

  @Test
  void aFolderThatIsNotThereIsRefusedBeforeMeasuring() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ResultFiles.of(folder.resolve("none/run"), Optional.empty()));
  }
}
