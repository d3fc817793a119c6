package dev.quintet.trainer.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Metrics, optimizers, schedules, reading and search give the results that were recorded from other libraries.
///
/// The folder is that of `-Dgolden.trainer=DIR`, or the copy among the test resources. Each `.json` of it has a judge, and
/// a file without one fails.
class TrainerGoldenTest {

  @TestFactory
  Stream<DynamicTest> eachFileAgrees() throws IOException {
    List<Path> files = files(folder());
    assertTrue(!files.isEmpty(), "no .json in " + folder());
    return files.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) {
    int cases = judge(file).check(JsonObject.read(file));
    assertTrue(cases > 0, file + " has no case");
    System.out.println(file.getFileName() + ": " + cases + " cases agree");
  }

  private static Path folder() {
    Path project = GoldenFolder.PROJECT;
    return Optional.ofNullable(System.getProperty("golden.trainer"))
        .map(project::resolve)
        .orElse(project.resolve("trainer/src/test/resources/golden/trainer"));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static GoldenJudge judge(Path file) {
    String stem = file.getFileName().toString().replace(".json", "");
    String name =
        Stream.of(stem.split("_"))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining())
            + "Judge";
    try {
      Class<?> type = Class.forName(TrainerGoldenTest.class.getPackageName() + "." + name);
      return (GoldenJudge) type.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(file + ": there is no judge " + name + " for files of this name", e);
    }
  }
}
