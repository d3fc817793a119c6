package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.huggingface.LengthSpec;
import java.util.Arrays;
import java.util.List;
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

  @Option(
      names = "--file-lengths",
      description = "Truncate and pad as tokenizer.json says; without this option neither is done.")
  private boolean fileLengths;

  /// Made by picocli.
  TokenizeCommand() {}

  @Override
  public Integer call() {
    Tokenizer tokenizer = lines.tokenizer();
    LengthSpec lengths = fileLengths ? tokenizer.lengths() : LengthSpec.ANY;
    lines.run(
        jsonl,
        (line, out) -> {
          if (jsonl) {
            out.append('[');
            write(tokenizer, lengths, JsonLine.string(line), out);
            out.append(']');
          } else {
            write(tokenizer, lengths, line, out);
          }
          out.append('\n');
        });
    return 0;
  }

  private void write(Tokenizer tokenizer, LengthSpec lengths, String text, StringBuilder out) {
    // Tokens as people read them are asked for only where no length changes them: what is unknown
    // to a SentencePiece
    // model is then spelled as in the text.
    boolean whole = lengths.equals(LengthSpec.ANY);
    if (offsets || !whole) {
      Encoding encoding =
          whole ? tokenizer.encode(text, special) : tokenizer.encode(text, special, lengths);
      List<String> tokens = List.of();
      if (pieces) {
        tokens =
            whole
                ? tokenizer.tokens(text, special)
                : Arrays.stream(encoding.ids()).mapToObj(tokenizer::token).toList();
      }
      write(tokens, places(text, encoding), out);
    } else if (pieces) {
      List<String> tokens = tokenizer.tokens(text, special);
      for (int i = 0; i < tokens.size(); i++) {
        out.append(i == 0 ? "" : between());
        write(tokens.get(i), out);
      }
    } else {
      int[] ids = tokenizer.encodeToIds(text, special);
      for (int i = 0; i < ids.length; i++) {
        out.append(i == 0 ? "" : between()).append(ids[i]);
      }
    }
  }

  private void write(List<String> tokens, Encoding encoding, StringBuilder out) {
    for (int i = 0; i < encoding.size(); i++) {
      out.append(i == 0 ? "" : between()).append(jsonl && offsets ? "[" : "");
      if (pieces) {
        write(tokens.get(i), out);
      } else {
        out.append(encoding.id(i));
      }
      if (offsets) {
        out.append(jsonl ? ", " : "@").append(encoding.start(i));
        out.append(jsonl ? ", " : "-").append(encoding.end(i)).append(jsonl ? "]" : "");
      }
    }
  }

  private String between() {
    return jsonl ? ", " : " ";
  }

  private void write(String token, StringBuilder out) {
    if (jsonl) {
      JsonText.quote(out, token);
    } else {
      out.append(token.replace("\n", "\\n").replace("\r", "\\r"));
    }
  }

  private Encoding places(String text, Encoding encoding) {
    return switch (unit) {
      case CHARS -> encoding.inCodePoints(text);
      case BYTES -> encoding.inBytes(text);
      case UTF16 -> encoding;
    };
  }
}
