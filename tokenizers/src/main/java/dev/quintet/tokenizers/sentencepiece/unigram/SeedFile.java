package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Seeds that somebody else found: a piece, a tab and its count on each line
/// (`seed_sentencepieces_file`).
final class SeedFile {

  private SeedFile() {}

  /// The best of the characters and of the pieces in a file.
  ///
  /// @throws MalformedFileException when a line has no count
  static List<SeedPieces.Seed> best(
      Path file, List<SeedPieces.Seed> characters, PieceRules rules, int limit) {
    Map<String, Long> scores = new HashMap<>();
    characters.forEach(seed -> scores.merge(seed.text(), seed.score(), Math::max));
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String[] cells = line.split("\t", -1);
        if (cells.length < 2 || !cells[1].strip().matches("[0-9]{1,18}")) {
          throw new MalformedFileException(
              file.toString(),
              "line " + number,
              "expected a piece, a tab and a count, got \"" + line + "\"");
        }
        int[] text = cells[0].codePoints().toArray();
        long score = Long.parseLong(cells[1].strip()) * text.length;
        if (score > 0 && rules.allow(text, 0, text.length)) {
          scores.merge(cells[0], score, Math::max);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<SeedPieces.Seed> seeds = new ArrayList<>();
    scores.forEach((text, score) -> seeds.add(new SeedPieces.Seed(text, score)));
    seeds.sort((a, b) ->
        a.score() != b.score()
            ? Long.compare(b.score(), a.score())
            : Arrays.compare(a.text().codePoints().toArray(), b.text().codePoints().toArray()));
    return seeds.subList(0, Math.min(limit, seeds.size()));
  }
}
