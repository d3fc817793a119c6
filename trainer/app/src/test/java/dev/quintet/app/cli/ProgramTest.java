package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program as a shell starts it, with descriptors that tests inside this process cannot have.
class ProgramTest {
  @TempDir Path folder;

  private Path model;
  private String err = "";

  @BeforeEach
  void makeModel() {
    assumeTrue(Files.exists(Path.of("/dev/full")), "needs a shell, and Linux's /dev/full");
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
  }

  @Test
  void closedStandardInputIsEmpty() throws Exception {
    assertEquals(0, run("tokenize '" + model + "' <&-"), err);
    assertEquals("", out());
    assertEquals(0, run("generate --model '" + model + "' <&-"), err);
    assertEquals("", out());
  }

  @Test
  void aClosedOrFullStandardOutputIsAFailure() throws Exception {
    Files.writeString(folder.resolve("texts"), "red\n");
    String texts = " '" + folder.resolve("texts") + "'";
    assertEquals(1, run("tokenize '" + model + "'" + texts + " >/dev/full"), err);
    assertTrue(err.contains("No space left"), err);
    assertEquals(1, run("tokenize '" + model + "'" + texts + " >&-"), err);
    assertTrue(err.contains("standard output cannot be written"), err);
    assertFalse(err.contains("Exception"), err);
  }

  @Test
  void readersThatLeaveEndTheProgramQuietly() throws Exception {
    Files.writeString(folder.resolve("texts"), "red green blue\n".repeat(20_000));
    String file = "'" + folder.resolve("texts") + "'";
    assertEquals(0, run("tokenize '" + model + "' " + file + " | head -n 1"), err);
    assertEquals(1, out().lines().count());
    assertEquals("", err);
  }

  private String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private int run(String line) throws Exception {
    String java =
        "'%s' --add-modules=jdk.incubator.vector -cp \"$CP\" %s "
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"), Main.class.getName());
    var process = new ProcessBuilder("sh", "-c", java + line);
    process.environment().put("CP", System.getProperty("java.class.path"));
    process.redirectOutput(folder.resolve("out").toFile());
    process.redirectError(folder.resolve("err").toFile());
    Process started = process.start();
    assertTrue(started.waitFor(60, TimeUnit.SECONDS), line);
    err = Files.readString(folder.resolve("err")).replaceAll("(?m)^WARNING: .*\\R", "");
    return started.exitValue();
  }
}
