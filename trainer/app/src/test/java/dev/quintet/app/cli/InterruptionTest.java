package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Starts the command line as a program of its own.
class InterruptionTest {
  @TempDir Path folder;

  @Test
  void aSignalLetsTheStepEndAndWritesACheckpoint() throws Exception {
    Path model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    Path data = TinyText.jsonl(folder.resolve("train.jsonl"), 40, 1);
    Path out = folder.resolve("out");
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"model": "%s", "train": "%s", "source_field": "question", "target_field": "answer",
             "out": "%s", "steps": 10000000, "save_every": 10000000}
            """
                .formatted(model, data, out));
    Process program = start(Map.of(), "train", "--config", config.toString());
    for (int i = 0; i < 600 && !Files.exists(out.resolve("log.jsonl")); i++) {
      assertFalse(program.waitFor(100, TimeUnit.MILLISECONDS), () -> read("err"));
    }
    program.destroy(); // SIGTERM
    assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    assertEquals(143, program.exitValue(), read("err"));
    assertTrue(read("err").contains("--resume continues"), read("err"));
    assertEquals("", read("out.txt"));
    Path checkpoint = AtomicDirectory.newest(out.resolve("checkpoints"), "step-").orElseThrow();
    AtomicDirectory.verify(checkpoint);
    AtomicDirectory.verify(out.resolve("last"));
  }

  @Test
  void aRunWhoseCheckpointsAreGoneSaysThatItBeginsAnewAndHowManyLinesOfItsLogAreDropped()
      throws Exception {
    Path model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    Path data = TinyText.jsonl(folder.resolve("train.jsonl"), 8, 1);
    Path out = folder.resolve("out");
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"model": "%s", "train": "%s", "source_field": "question", "target_field": "answer",
             "out": "%s", "steps": 2}
            """
                .formatted(model, data, out));
    for (String word : List.of("training  2/2", "begins anew at step 0")) {
      Process program = start(Map.of(), "train", "--config", config.toString(), "--resume");
      assertTrue(program.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, program.exitValue(), read("err"));
      assertTrue(read("err").contains(word), read("err"));
      AtomicDirectory.delete(out.resolve("checkpoints"));
    }
    assertTrue(read("err").contains("log.jsonl: 2 lines are dropped"), read("err"));
  }

  @Test
  void resultsAreUtf8WhateverTheLocaleAndEverythingElseIsOnStandardError() throws Exception {
    Path model = folder.resolve("model");
    TinyText.tokenizer().save(model);
    Files.writeString(folder.resolve("texts.txt"), "red é\n");
    Process program =
        start(
            Map.of("LC_ALL", "C"),
            "tokenize",
            model.toString(),
            "--pieces",
            "--input",
            folder.resolve("texts.txt").toString());
    assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, program.exitValue(), read("err"));
    // the letters of the two bytes of é
    assertTrue(read("out.txt").contains("Ã") && read("out.txt").contains("©"), read("out.txt"));
  }

  @Test
  void kernelsThatThisProcessorLacksAreBadUsage() throws Exception {
    Process program = start(Map.of("QUINTET_CPU", "1024"), "verify", folder.toString());
    assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    assertEquals(2, program.exitValue(), read("err"));
    assertTrue(read("err").contains("QUINTET_CPU is scalar, 256 or 512"), read("err"));
    assertFalse(read("err").contains("\tat "), read("err"));
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder =
        OwnProcess.of(arguments)
            .redirectOutput(folder.resolve("out.txt").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
