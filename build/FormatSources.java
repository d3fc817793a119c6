import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Checks or rewrites every Java file of the project in google-java-format.
///
/// A program of our own, because the formatter's command line takes files and not folders, and the
/// Maven plugins for it run in Maven's JVM, whose JDK 17 cannot parse Java 25.
public final class FormatSources {

  private static final Formatter FORMATTER =
      new Formatter(JavaFormatterOptions.builder().formatJavadoc(false).build());

  public static void main(String[] args) throws Exception {
    boolean rewrite = args[0].equals("rewrite");
    Path root = Path.of(args[1]);
    int wrong = 0;
    for (Path file : javaFiles(root)) {
      String text = Files.readString(file);
      String formatted = format(file, text);
      if (formatted.equals(text)) {
        continue;
      }
      if (rewrite) {
        Files.writeString(file, formatted);
        System.err.println("formatted " + root.relativize(file));
      } else {
        wrong++;
        System.err.println("not in google-java-format: " + root.relativize(file));
      }
    }
    if (wrong > 0) {
      System.err.println(wrong + " files; run: mvn -q -Pformat -N process-sources");
      System.exit(1);
    }
  }

  private static String format(Path file, String text) {
    try {
      String ordered =
          RemoveUnusedImports.removeUnusedImports(
              ImportOrderer.reorderImports(text, JavaFormatterOptions.Style.GOOGLE));
      return FORMATTER.formatSource(ordered);
    } catch (Exception e) {
      System.err.println(file + ": " + e.getMessage());
      System.exit(1);
      throw new AssertionError(e);
    }
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    try (Stream<Path> folders = Files.walk(root, 2)) {
      return folders
          .flatMap(folder -> Stream.of(folder.resolve("src/main"), folder.resolve("src/test")))
          .filter(Files::isDirectory)
          .flatMap(FormatSources::walk)
          .filter(file -> file.toString().endsWith(".java"))
          .sorted()
          .toList();
    }
  }

  private static Stream<Path> walk(Path folder) {
    try {
      return Files.walk(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
