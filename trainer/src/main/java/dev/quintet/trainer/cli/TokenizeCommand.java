package dev.quintet.trainer.cli;

import dev.quintet.tokenizers.tokenizer.Encoding;
import dev.quintet.tokenizers.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tokenize`: the ids of each line.
@Command(
    name = "tokenize",
    description = {
      "Turns lines of text into token ids.",
      "Plain lines: ids between spaces. With --pieces the tokens stand in the place of their ids; with --offsets each is"
          + " followed by @START-END, where it stands in the line, in UTF-16 units.",
      "With --jsonl each line in is a JSON string and each line out a JSON array; with --offsets its items are"
          + " [id, start, end]."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class TokenizeCommand implements Callable<Integer> {
  private static final int BATCH = 1024;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A tokenizer.json, or a folder that holds one.")
  private Path model;

  @Option(names = "--input", paramLabel = "FILE", description = "Default: standard input.")
  private Optional<Path> input = Optional.empty();

  @Option(names = "--pieces", description = "Tokens as they stand in the vocabulary.")
  private boolean pieces;

  @Option(names = "--offsets", description = "Where each token stands in its line.")
  private boolean offsets;

  @Option(names = "--jsonl", description = "JSON strings in, JSON arrays out.")
  private boolean jsonl;

  @Option(names = "--special", description = "Add special tokens, such as a final </s>.")
  private boolean special;

  /// Made by picocli.
  TokenizeCommand() {}

  @Override
  public Integer call() {
    Tokenizer tokenizer = Tokenizer.load(model);
    PrintWriter out = spec.commandLine().getOut();
    try (TextInput lines = TextInput.open(input, jsonl)) {
      for (List<String> batch = lines.next(BATCH); !batch.isEmpty(); batch = lines.next(BATCH)) {
        for (String text : batch) {
          out.print(line(tokenizer, tokenizer.encode(text, special)));
          out.print('\n');
        }
        out.flush();
      }
    }
    return 0;
  }

  private String line(Tokenizer tokenizer, Encoding encoding) {
    var line = jsonl ? new StringJoiner(", ", "[", "]") : new StringJoiner(" ");
    for (int i = 0; i < encoding.size(); i++) {
      String token = token(tokenizer, encoding.id(i));
      int start = encoding.start(i);
      int end = encoding.end(i);
      if (!offsets) {
        line.add(token);
      } else if (jsonl) {
        line.add("[" + token + ", " + start + ", " + end + "]");
      } else {
        line.add(token + "@" + start + "-" + end);
      }
    }
    return line.toString();
  }

  private String token(Tokenizer tokenizer, int id) {
    if (!pieces) {
      return Integer.toString(id);
    }
    return jsonl ? TextInput.json(tokenizer.token(id)) : tokenizer.token(id);
  }
}
