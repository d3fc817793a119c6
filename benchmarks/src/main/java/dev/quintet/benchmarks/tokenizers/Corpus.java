package dev.quintet.benchmarks.tokenizers;

import dev.quintet.app.demo.SourceTree;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is encoded: lines of English or whole source files, some megabytes.
///
/// They come from the folder that [#FOLDER] names, where it has them, and otherwise from the sources of the running
/// JDK, as the demo's examples do.
public enum Corpus {
  /// Lines of prose: `corpora/c4-lines.txt`, or sentences of the JDK's documentation comments.
  ENGLISH("corpora/c4-lines.txt"),

  /// Source files: `corpora/code-docs.json` (a JSON array of strings), or the JDK's.
  CODE("corpora/code-docs.json");

  /// The property that names a folder of models and texts: `corpora` as above, and the files that [Subject] names.
  /// All of them are optional.
  public static final String FOLDER = "tokenizer.data";

  private static final int MOST_BYTES = 4 << 20;
  private static final int LARGEST_FILE = 64 << 10;

  private final String file;

  Corpus(String file) {
    this.file = file;
  }

  /// A file of the folder of models and texts, if it is there.
  static Optional<Path> file(String name) {
    return Optional.ofNullable(System.getProperty(FOLDER))
        .map(folder -> Path.of(folder).resolve(name))
        .filter(Files::exists);
  }

  /// The texts.
  ///
  /// @return about four megabytes at most
  public List<String> texts() {
    try {
      Optional<Path> given = file(file);
      List<String> texts = given.isPresent() ? read(given.get()) : jdk();
      return first(texts, MOST_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As many texts as there are in a number of bytes, and at least one.
  static List<String> first(List<String> texts, long bytes) {
    var some = new ArrayList<String>();
    for (int i = 0; i < texts.size() && bytes > 0; i++) {
      some.add(texts.get(i));
      bytes -= bytes(texts.get(i));
    }
    return some;
  }

  /// The size of a text in UTF-8.
  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private List<String> read(Path given) throws IOException {
    return switch (this) {
      case ENGLISH -> Files.readAllLines(given);
      case CODE -> strings(given);
    };
  }

  private static List<String> strings(Path file) throws IOException {
    var strings = new ArrayList<String>();
    try (var json =
        StrictJson.of(
            MemorySegment.ofArray(Files.readAllBytes(file)),
            StrictJson.Limits.LINE,
            (place, rule) -> new MalformedFileException(file, place, rule))) {
      json.next();
      while (json.next() == StrictJson.Kind.STRING) {
        strings.add(json.text());
      }
    }
    return strings;
  }

  private List<String> jdk() throws IOException {
    try (SourceTree sources =
        SourceTree.jdk()
            .orElseThrow(() ->
                new IllegalStateException(
                    "this JDK came without sources: set -D" + FOLDER + "=FOLDER"))) {
      var texts = new ArrayList<String>();
      List<String> paths = sources.paths();
      int step = 7; // some of every package
      for (int i = 0; i < paths.size(); i += step) {
        String text = sources.text(paths.get(i));
        switch (this) {
          case ENGLISH ->
              text.lines().map(String::strip).filter(Corpus::isProse).forEach(texts::add);
          case CODE -> {
            if (text.length() < LARGEST_FILE) {
              texts.add(text);
            }
          }
        }
      }
      return this == ENGLISH
          ? texts.stream().map(line -> line.substring(2)).distinct().toList()
          : texts;
    }
  }

  /// A full line of a documentation comment without markup.
  private static boolean isProse(String line) {
    return line.startsWith("* ")
        && line.length() > 60
        && line.chars().allMatch(c -> Character.isLetterOrDigit(c) || " *,.;:'-()".indexOf(c) >= 0);
  }
}
