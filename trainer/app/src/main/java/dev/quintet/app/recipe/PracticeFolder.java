package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Rows to practise on, in files as a user would bring them: `train.jsonl`, `validation.jsonl`, `test.jsonl`, and a
/// tokenizer that was trained on the first.
final class PracticeFolder {
  private static final String ABOUT = "about.json";
  private static final int VERSION = 1;

  private final Path folder;

  private PracticeFolder(Path folder) {
    this.folder = folder;
  }

  /// What makes rows, as long as it may take.
  interface Source {
    /// The rows of all parts.
    Map<Part, List<SequencedMap<String, Object>>> rows() throws IOException;
  }

  /// The folder, which is written unless it is there already.
  ///
  /// @param folder where it lies, or will
  /// @param name of the set
  /// @param pieces of the tokenizer, at most
  /// @param source makes the rows
  /// @throws IllegalArgumentException if there is something else at its place
  /// @throws IOException if the rows cannot be made
  static PracticeFolder in(Path folder, String name, int pieces, Source source) throws IOException {
    var about =
        JsonObject.of(Map.of("set", name, "version", (long) VERSION, "pieces", (long) pieces));
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Path file = folder.resolve(ABOUT);
      if (!Files.exists(file) || !JsonObject.read(file).values().equals(about.values())) {
        throw new IllegalArgumentException(
            folder + " is there already and is not the set " + name + "; choose another folder");
      }
      return new PracticeFolder(folder);
    }
    Map<Part, List<SequencedMap<String, Object>>> rows = source.rows();
    AtomicDirectory.write(
        folder,
        into -> {
          for (Part part : Part.values()) {
            Files.writeString(
                into.resolve(part.stem() + ".jsonl"), lines(rows.getOrDefault(part, List.of())));
          }
          var options =
              SentencePieceOptions.defaults()
                  .with("vocab_size", String.valueOf(pieces))
                  .with("hard_vocab_limit", "false")
                  .with("pad_id", "0")
                  .with("eos_id", "1")
                  .with("unk_id", "2")
                  .with("bos_id", "-1");
          SentencePieceTrainer.train(texts(rows.getOrDefault(Part.TRAIN, List.of())), options)
              .write(into.resolve("tokenizer.model"));
          Files.writeString(into.resolve(ABOUT), JsonText.of(about) + "\n");
        });
    return new PracticeFolder(folder);
  }

  /// The settings of `train` that name its files.
  JsonObject settings() {
    return JsonObject.of(
        Map.of(
            "train", folder.resolve("train.jsonl").toString(),
            "validation", folder.resolve("validation.jsonl").toString(),
            "test", folder.resolve("test.jsonl").toString(),
            "tokenizer", folder.resolve("tokenizer.model").toString()));
  }

  /// Rows as lines of JSON.
  static String lines(List<SequencedMap<String, Object>> rows) {
    var lines = new StringBuilder();
    for (SequencedMap<String, Object> row : rows) {
      String separator = "{";
      for (Map.Entry<String, Object> entry : row.entrySet()) {
        lines.append(separator);
        JsonText.quote(lines, entry.getKey()).append(": ");
        append(lines, entry.getValue());
        separator = ", ";
      }
      lines.append("}\n");
    }
    return lines.toString();
  }

  private static void append(StringBuilder lines, Object value) {
    if (value instanceof List<?> list) {
      String separator = "[";
      for (Object one : list) {
        JsonText.quote(lines.append(separator), String.valueOf(one));
        separator = ", ";
      }
      lines.append(']');
    } else {
      JsonText.quote(lines, String.valueOf(value));
    }
  }

  /// All texts of rows, ids left out.
  private static List<String> texts(List<SequencedMap<String, Object>> rows) {
    var texts = new ArrayList<String>();
    for (SequencedMap<String, Object> row : rows) {
      row.forEach((name, value) -> {
        if (value instanceof List<?> list) {
          list.forEach(one -> texts.add(String.valueOf(one)));
        } else if (!name.equals("id") && !name.equals("class")) {
          texts.add(String.valueOf(value));
        }
      });
    }
    return texts;
  }
}
