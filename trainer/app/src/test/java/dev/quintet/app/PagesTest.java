package dev.quintet.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.GoldenFolder;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the pages at the top and the maps of packages name is there.
class PagesTest {
  private static final Path PROJECT = GoldenFolder.PROJECT;
  private static final List<String> PAGES =
      List.of(
          "README.md",
          "ARCHITECTURE.md",
          "CONTRIBUTING.md",
          "benchmarks/README.md",
          "core/EXAMPLES.md");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#]*)(#[^)]*)?\\)");
  private static final Pattern PLACE =
      Pattern.compile("`([a-z]+(?:/(?:[\\w.-]+))+)`"); // core/.../cpu, models/src/main
  private static final Pattern TYPE = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:[.#](\\w+))?[^`]*`");
  private static final Pattern NAME = Pattern.compile("dev(?:\\.[a-z]\\w*)+(?:\\.[A-Z]\\w*)?");

  /// Classes of one kind, such as `Composed*`.
  private static final Pattern KIND = Pattern.compile("`(\\*[A-Z]\\w+|[A-Z]\\w+\\*)`");

  /// Endings of names that nobody here uses.
  private static final List<String> OTHERS = List.of("Impl", "Manager", "Helper", "Util");

  private static final List<String> FILES = new ArrayList<>();

  /// The file of each class by its simple name.
  private static final Map<String, String> CLASSES = new HashMap<>();

  /// Packages and classes, with slashes.
  private static final Set<String> NAMES = new HashSet<>();

  @BeforeAll
  static void look() throws IOException {
    Files.walkFileTree(
        PROJECT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            if (name.equals("target") || name.startsWith(".")) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            return visitFile(folder, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String file = PROJECT.relativize(path).toString().replace('\\', '/');
            FILES.add(file);
            NAMES.add(file.replaceFirst(".*/java/", "").replaceFirst("\\.java$", ""));
            CLASSES.putIfAbsent(path.getFileName().toString().replaceFirst("\\.java$", ""), file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    var missing = new ArrayList<String>();
    for (String page : PAGES) {
      Path folder = PROJECT.resolve(page).getParent();
      for (Matcher m = LINK.matcher(text(page)); m.find(); ) {
        if (!m.group(1).startsWith("http") && !Files.exists(folder.resolve(m.group(1)))) {
          missing.add(page + ": " + m.group(1));
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void classesAndTheirMembersExist() throws IOException {
    var missing = new ArrayList<String>();
    for (String page : PAGES) {
      for (Matcher m = TYPE.matcher(text(page)); m.find(); ) {
        String file = CLASSES.getOrDefault(m.group(1), "");
        if (!OTHERS.contains(m.group(1))
            && Object.class.getResource(m.group(1) + ".class") == null // java.lang's
            && (file.isEmpty() || m.group(2) != null && !text(file).contains(m.group(2)))) {
          missing.add(page + ": " + m.group());
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void foldersAndFilesExist() throws IOException {
    var missing = new ArrayList<String>();
    for (String page : PAGES) {
      for (Matcher m = PLACE.matcher(text(page)); m.find(); ) {
        String pattern = m.group(1).replace(".", "\\.").replace("\\.\\.\\.", ".*");
        if (FILES.stream().noneMatch(Pattern.compile(pattern).asMatchPredicate())) {
          missing.add(page + ": " + m.group());
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void mapsOfPackagesNameWhatIsThere() throws IOException {
    var missing = new ArrayList<String>();
    List<String> maps =
        FILES.stream().filter(f -> f.matches(".*/(package|module)-info\\.java")).toList();
    assertTrue(maps.size() > 40);
    for (String map : maps) {
      for (Matcher m = NAME.matcher(text(map)); m.find(); ) {
        boolean module = m.group().matches("dev\\.quintet\\.\\w+");
        if (!module && !NAMES.contains(m.group().replace('.', '/'))) {
          missing.add(map + ": " + m.group());
        }
      }
      for (Matcher m = KIND.matcher(text(map)); m.find(); ) {
        String pattern = m.group(1).replace("*", "\\w+");
        if (CLASSES.keySet().stream().noneMatch(name -> name.matches(pattern))) {
          missing.add(map + ": " + m.group());
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  private static String text(String file) throws IOException {
    return Files.readString(PROJECT.resolve(file));
  }
}
