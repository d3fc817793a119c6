package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.tokenizers.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/// What a start needs, done once and small: the launcher runs it after a build, for the JVM to keep the classes that it loads.
///
/// `Rehearsal FOLDER tokenize|generate`: trains tokenizers in an empty folder and runs the command, with a tiny model where it needs one.
public final class Rehearsal {
  private Rehearsal() {}

  /// Runs one rehearsal. Standard input holds some lines.
  public static void main(String... args) throws IOException {
    Path folder = Path.of(args[0]);
    Path corpus =
        Files.writeString(folder.resolve("corpus.txt"), "some words to learn from\n".repeat(50));
    Path json = folder.resolve("tokenizer.json");
    run(
        "train-tokenizer",
        "bytebpe",
        "--input",
        corpus + "",
        "--output",
        json + "",
        "--vocab-size",
        "270",
        "--pattern",
        "gpt4");
    Path model = Files.createDirectories(folder.resolve("model"));
    run(
        "train-tokenizer",
        "sentencepiece",
        "--input=" + corpus,
        "--model_prefix=" + model.resolve("spiece"),
        "--vocab_size=16",
        "--hard_vocab_limit=false");
    run("--help");
    if (args[1].equals("tokenize")) {
      run("tokenize", json + "");
      run("tokenize", model.resolve("spiece.model") + "");
      return;
    }
    int rows = Tokenizer.load(model.resolve("spiece.model")).vocabularySize() + 100;
    T5Config config =
        T5Config.small().withVocabSize(rows).withLayers(1, 1).withWidths(64, 64, 1, 64);
    try (T5 t5 = T5.create(config, 1, Device.cpu())) {
      Checkpoint.save(t5, model);
    }
    run("generate", "--model", model + "", "--max-new-tokens", "3", "some words");
  }

  private static void run(String... args) {
    CommandLine commands = Main.commands();
    commands.setOut(ResultWriter.to(OutputStream.nullOutputStream()));
    commands.execute(args);
  }
}
