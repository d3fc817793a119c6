package dev.quintet.trainer.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// The files that names, folders and patterns stand for.
final class FileNames {
  private static final System.Logger LOG = System.getLogger(FileNames.class.getName());

  private static final Comparator<Path> BY_CODE_POINT =
      (a, b) ->
          Arrays.compare(a.toString().codePoints().toArray(), b.toString().codePoints().toArray());

  private FileNames() {}

  static List<Path> files(List<String> names, Optional<RowFormat.Kind> kind) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("expected the names of files of rows, got none");
    }
    var files = new LinkedHashMap<Path, Path>();
    try {
      for (String name : names) {
        for (Path file : named(name, kind)) {
          kind(file, kind);
          files.putIfAbsent(file.toRealPath(), file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(files.values());
  }

  /// What a file is.
  ///
  /// @throws IllegalArgumentException if its name does not tell, and nothing is asked for
  static RowFormat.Kind kind(Path file, Optional<RowFormat.Kind> asked) {
    return asked
        .or(() -> RowFormat.Kind.of(file))
        .orElseThrow(() ->
            new IllegalArgumentException(
                file
                    + ": its name does not say what it is; say it with the key \"format\": one of "
                    + RowFormat.Kind.words()));
  }

  private static List<Path> named(String name, Optional<RowFormat.Kind> kind) throws IOException {
    if (name.isBlank()) {
      throw new IllegalArgumentException("expected the name of a file of rows, got \"\"");
    }
    boolean pattern = name.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    Optional<Path> literal = literal(name, pattern);
    if (literal.isPresent()) {
      return Files.isDirectory(literal.get()) ? below(literal.get(), kind) : List.of(literal.get());
    }
    if (!pattern) {
      throw new NoSuchFileException(name);
    }
    List<Path> files = matching(name);
    if (files.isEmpty()) {
      throw new IllegalArgumentException(name + ": no file has a name of this pattern");
    }
    return files;
  }

  private static Optional<Path> literal(String name, boolean pattern) {
    try {
      return Optional.of(Path.of(name)).filter(Files::exists);
    } catch (InvalidPathException e) {
      if (pattern) {
        return Optional.empty(); // Windows has no names with an asterisk
      }
      throw new IllegalArgumentException(name + " is no file's name: " + e.getReason(), e);
    }
  }

  private static List<Path> below(Path folder, Optional<RowFormat.Kind> kind) throws IOException {
    List<Path> all = walk(folder);
    List<Path> visible = all.stream().filter(file -> !isHidden(folder, file)).toList();
    List<Path> files =
        visible.stream()
            .filter(file -> kind.isPresent() || RowFormat.Kind.of(file).isPresent())
            .toList();
    if (all.size() > files.size()) {
      LOG.log(
          System.Logger.Level.WARNING,
          String.format(
              Locale.ROOT,
              "%s: files passed over: %,d hidden, %,d whose names do not say that they hold rows",
              folder,
              all.size() - visible.size(),
              visible.size() - files.size()));
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          folder
              + ": the folder has no file of rows; their names end in .jsonl, .json, .csv, .tsv or .txt, or the key \"format\" says what they are");
    }
    return files;
  }

  private static boolean isHidden(Path folder, Path file) {
    for (Path part : folder.relativize(file)) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> matching(String pattern) throws IOException {
    String plain = pattern.replace('\\', '/');
    int glob = 0;
    while ("*?[{".indexOf(plain.charAt(glob)) < 0) {
      glob++;
    }
    int slash = plain.lastIndexOf('/', glob);
    String base = slash < 0 ? "" : slash == 0 ? "/" : plain.substring(0, slash);
    Path folder = Path.of(base);
    if (!Files.isDirectory(base.isEmpty() ? Path.of(".") : folder)) {
      throw new NoSuchFileException(base + ", the folder of the pattern " + pattern);
    }
    String rest = plain.substring(slash + 1);
    List<PathMatcher> matchers = new ArrayList<>();
    try {
      for (String form : List.of(rest, rest.replace("**/", ""))) {
        matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + form));
      }
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          pattern + " is no pattern of file names: " + e.getDescription(), e);
    }
    boolean hidden = rest.startsWith(".") || rest.contains("/.");
    return walk(folder).stream()
        .filter(file -> hidden || !isHidden(folder, file))
        .filter(file -> {
          Path inner = folder.relativize(file);
          return matchers.stream().anyMatch(matcher -> matcher.matches(inner));
        })
        .toList();
  }

  private static List<Path> walk(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(Files::isRegularFile).sorted(BY_CODE_POINT).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    }
  }
}
