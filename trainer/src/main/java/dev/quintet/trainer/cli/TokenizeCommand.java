package dev.quintet.trainer.cli;

import dev.quintet.tokenizers.tokenizer.Encoding;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tokenize`: the ids of each line.
@Command(
    name = "tokenize",
    description = {
      "Turns lines of text into token ids: one line out for each line in, in order.",
      "Plain lines (UTF-8; LF or CR LF ends one): ids between spaces. With --pieces the tokens as they stand in the vocabulary"
          + " take the place of their ids, with line ends in them written \\n and \\r; with --offsets each is followed by @START-END.",
      "With --jsonl each line in is a JSON string, which may hold line ends, and each line out a JSON array: of ids, with"
          + " --pieces of strings, with --offsets of [id or string, start, end]. Blank lines are passed over."
    },
    footer = {
      "",
      "  quintet tokenize spiece.model < lines.txt",
      "  quintet tokenize t5-small --jsonl --special texts.jsonl > ids.jsonl"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class TokenizeCommand implements Callable<Integer> {

  /// What offsets count.
  enum Unit {
    /// Code points, as in Python.
    CHARS,
    /// Bytes of UTF-8.
    BYTES,
    /// UTF-16 units, as in Java and JavaScript.
    UTF16
  }

  @Mixin private LineOptions lines;

  @Option(names = "--pieces", description = "Tokens as they stand in the vocabulary, not ids.")
  private boolean pieces;

  @Option(
      names = "--offsets",
      description = "Where each token stands in its text, the end exclusive.")
  private boolean offsets;

  @Option(
      names = "--unit",
      defaultValue = "chars",
      paramLabel = "chars|bytes|utf16",
      description =
          "What offsets count: code points, bytes of UTF-8, or UTF-16 units. Default: chars.")
  private Unit unit;

  @Option(names = "--jsonl", description = "JSON strings in, JSON arrays out.")
  private boolean jsonl;

  @Option(names = "--special", description = "Add special tokens, such as a final </s>.")
  private boolean special;

  /// Made by picocli.
  TokenizeCommand() {}

  @Override
  public Integer call() {
    Tokenizer tokenizer = lines.tokenizer();
    lines.run((line, out) -> {
      if (!jsonl) {
        write(tokenizer, line, out);
      } else if (!line.isBlank()) {
        out.append('[');
        write(tokenizer, JsonText.string(line), out);
        out.append(']');
      } else {
        return;
      }
      out.append('\n');
    });
    return 0;
  }

  private void write(Tokenizer tokenizer, String text, StringBuilder out) {
    String between = jsonl ? ", " : " ";
    if (!offsets) {
      int[] ids = tokenizer.encodeToIds(text, special);
      for (int i = 0; i < ids.length; i++) {
        out.append(i == 0 ? "" : between);
        write(tokenizer, ids[i], out);
      }
      return;
    }
    Encoding encoding = tokenizer.encode(text, special);
    int[] places = places(text);
    for (int i = 0; i < encoding.size(); i++) {
      out.append(i == 0 ? "" : between).append(jsonl ? "[" : "");
      write(tokenizer, encoding.id(i), out);
      int start = encoding.start(i);
      int end = encoding.end(i);
      out.append(jsonl ? ", " : "@").append(places.length == 0 ? start : places[start]);
      out.append(jsonl ? ", " : "-").append(places.length == 0 ? end : places[end]);
      out.append(jsonl ? "]" : "");
    }
  }

  private void write(Tokenizer tokenizer, int id, StringBuilder out) {
    if (!pieces) {
      out.append(id);
    } else if (jsonl) {
      JsonText.append(out, tokenizer.token(id));
    } else {
      out.append(tokenizer.token(id).replace("\n", "\\n").replace("\r", "\\r"));
    }
  }

  /// For each UTF-16 unit, and the end, its place in the chosen unit; empty where they are the same.
  private int[] places(String text) {
    if (unit == Unit.UTF16 || text.chars().allMatch(c -> c < 0x80)) {
      return new int[0];
    }
    int[] places = new int[text.length() + 1];
    int place = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int width = Character.charCount(c);
      for (int k = 0; k < width; k++) {
        places[i + k] = place;
      }
      place += unit == Unit.CHARS ? 1 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      i += width;
    }
    places[text.length()] = place;
    return places;
  }
}
