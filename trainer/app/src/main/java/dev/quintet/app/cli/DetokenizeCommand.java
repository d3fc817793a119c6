package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.tokenizers.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `detokenize`: the text of each line of ids.
@Command(
    name = "detokenize",
    description = {
      "Turns lines of token ids into text: one line out for each line in, in order.",
      "Plain lines: ids between spaces in, text out, in which a space stands for each line end.",
      "With --jsonl each line in is a JSON array of ids and each line out a JSON string, which keeps line ends. Blank lines"
          + " are passed over.",
      "An id that no token has is an error."
    },
    footer = {"", "  quintet detokenize t5-small --jsonl < ids.jsonl"},
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class DetokenizeCommand implements Callable<Integer> {
  @Mixin private LineOptions lines;

  @Option(names = "--jsonl", description = "JSON arrays in, JSON strings out.")
  private boolean jsonl;

  @Option(
      names = "--special",
      description = "Show special tokens, such as a final </s>; without it they are left out.")
  private boolean special;

  /// Made by picocli.
  DetokenizeCommand() {}

  @Override
  public Integer call() {
    Tokenizer tokenizer = lines.tokenizer();
    BitSet known = known(tokenizer);
    lines.run(
        jsonl,
        (line, out) -> {
          int[] ids = jsonl ? JsonLine.ids(line) : ids(line);
          for (int id : ids) {
            if (id < 0 || !known.get(id)) {
              throw new IllegalArgumentException(
                  "no token has the id %d; expected ids below %d".formatted(id, known.length()));
            }
          }
          String text = tokenizer.decode(ids, !special);
          if (jsonl) {
            JsonText.quote(out, text);
          } else {
            out.append(text.replace('\n', ' ').replace('\r', ' '));
          }
          out.append('\n');
        });
    return 0;
  }

  private static BitSet known(Tokenizer tokenizer) {
    var known = new BitSet();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      try {
        String unused = tokenizer.token(id);
        known.set(id);
      } catch (IllegalArgumentException e) {
        // a gap
      }
    }
    return known;
  }

  private static int[] ids(String line) {
    String stripped = line.strip();
    return stripped.isEmpty()
        ? new int[0]
        : Arrays.stream(stripped.split("\\s+")).mapToInt(DetokenizeCommand::id).toArray();
  }

  private static int id(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected ids between spaces, got \"" + text + "\"", e);
    }
  }
}
