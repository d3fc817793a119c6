package dev.quintet.trainer;

import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Models, tokenizers and data that build in milliseconds.
public final class TinyText {
  private static final List<String> WORDS =
      List.of("red", "green", "blue", "one", "two", "three", "left", "right", "up", "down");

  private TinyText() {}

  /// Pairs of some words and the same words turned round.
  public static Pairs pairs(int count, long seed) {
    var random = new Random(seed);
    var pairs = new ArrayList<TextPair>();
    for (int i = 0; i < count; i++) {
      var words = new ArrayList<String>();
      for (int w = random.nextInt(1, 7); w > 0; w--) {
        words.add(WORDS.get(random.nextInt(WORDS.size())));
      }
      pairs.add(new TextPair(String.join(" ", words), String.join(" ", words.reversed())));
    }
    return Pairs.of(pairs);
  }

  /// The same as JSON lines with the fields `question` and `answer`.
  public static Path jsonl(Path file, int count, long seed) throws IOException {
    var lines = new ArrayList<String>();
    for (TextPair pair : pairs(count, seed).list()) {
      lines.add(
          "{\"question\": \"%s\", \"answer\": \"%s\"}".formatted(pair.source(), pair.target()));
    }
    return Files.write(file, lines);
  }

  /// A byte-level tokenizer with 100 sentinels.
  public static Tokenizer tokenizer() {
    List<String> texts = pairs(50, 1).list().stream().map(TextPair::source).toList();
    return Tokenizer.of(ByteBpeTrainer.of(400).withSentinels(100).train(texts));
  }

  /// A tied v1.0 of 2 + 2 blocks.
  public static T5Config config(float dropout) {
    return T5Config.small()
        .withVocabSize(512)
        .withWidths(16, 4, 4, 32)
        .withLayers(2, 2)
        .withDropout(dropout);
  }

  /// A model with its tokenizer.
  public static TextToText model(float dropout, long seed) {
    Tokenizer tokenizer = tokenizer();
    T5Config config =
        config(dropout)
            .withIds(
                tokenizer.padId().orElseThrow(),
                tokenizer.eosId().orElseThrow(),
                tokenizer.padId().orElseThrow());
    return TextToText.of(T5.create(config, seed, Device.cpu()), tokenizer);
  }

  /// Every file below a folder with a checksum of its bytes, log and picture apart: they hold times.
  public static Map<String, Integer> bytes(Path folder) throws IOException {
    var files = new TreeMap<String, Integer>();
    try (var walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.endsWith("log.jsonl") && !name.endsWith(".png")) {
          files.put(name, Arrays.hashCode(Files.readAllBytes(file)));
        }
      }
    }
    return files;
  }
}
