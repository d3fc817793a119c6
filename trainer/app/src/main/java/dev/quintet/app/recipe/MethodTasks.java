package dev.quintet.app.recipe;

import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodSplit;
import dev.quintet.app.recipe.PracticeSet.Part;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// Four tasks on the same methods, two that write and two that say a class: first sentences of comments, words of packages,
/// kinds of return types, and whether an exception is declared.
///
/// The parts are those of a [MethodSplit], so that a model which learned from its training classes is asked about others. In
/// the task about exceptions there are as many methods with one as without.
public enum MethodTasks {
  /// The first sentence of a method's comment.
  SUMMARY(JdkRows.SUMMARY),
  /// The words of a method's package.
  TAGS(JdkRows.TAGS),
  /// The kind of what a method returns.
  RETURNS(JdkRows.CLASSIFY),
  /// Whether a method declares an exception.
  EXCEPTIONS(JdkRows.EXCEPTIONS);

  private static final String ABOUT = "about.json";

  private final JdkRows rows;

  MethodTasks(JdkRows rows) {
    this.rows = rows;
  }

  /// How many rows a part has at most.
  ///
  /// @param train to learn from
  /// @param validation to choose by
  /// @param test to score
  public record Sizes(int train, int validation, int test) {
    int of(Part part) {
      return switch (part) {
        case TRAIN -> train;
        case VALIDATION -> validation;
        case TEST -> test;
      };
    }
  }

  /// A part's file in a folder that [#write] wrote.
  ///
  /// @param part `train`, `validation` or `test`
  public Path file(Path folder, String part) {
    return folder.resolve(folderName()).resolve(part + ".jsonl");
  }

  /// The name of the task: of its folder, and for people.
  private String folderName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// A task by the name of its folder.
  ///
  /// @throws IllegalArgumentException if there is none
  public static MethodTasks named(String name) {
    return Arrays.stream(values())
        .filter(task -> task.folderName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no task of methods " + name));
  }

  /// Writes the rows of all tasks, unless they are there already.
  ///
  /// @param folder where they lie, or will
  /// @throws IllegalArgumentException if something else is there
  /// @throws IOException if they cannot be made
  public static void write(Path folder, Sizes sizes, Methods methods) throws IOException {
    var about =
        JsonObject.of(
            Map.of(
                "set", "tasks of methods",
                "version", 1L,
                "train", (long) sizes.train(),
                "validation", (long) sizes.validation(),
                "test", (long) sizes.test()));
    if (Files.exists(folder)) {
      Path file = folder.resolve(ABOUT);
      if (!Files.exists(file) || !JsonObject.read(file).values().equals(about.values())) {
        throw new IllegalArgumentException(
            folder
                + " is there already and does not hold these tasks of methods; choose another folder");
      }
      return;
    }
    MethodSplit split = methods.split();
    AtomicDirectory.write(
        folder,
        into -> {
          for (MethodTasks task : values()) {
            for (Part part : Part.values()) {
              Path file = task.file(into, part.stem());
              Files.createDirectories(file.getParent());
              Files.writeString(
                  file, PracticeFolder.lines(task.rows(in(split, part), sizes.of(part))));
            }
          }
          Files.writeString(into.resolve(ABOUT), JsonText.of(about) + "\n");
        });
  }

  /// What gives methods, as long as it may take.
  public interface Methods {
    /// The methods in three parts.
    MethodSplit split() throws IOException;
  }

  private static List<MethodExample> in(MethodSplit split, Part part) {
    return switch (part) {
      case TRAIN -> split.train();
      case VALIDATION -> split.validation();
      case TEST -> split.test();
    };
  }

  private List<SequencedMap<String, Object>> rows(List<MethodExample> methods, int most) {
    var found = new ArrayList<SequencedMap<String, Object>>();
    var seen = new HashSet<Object>();
    var counts = new HashMap<Object, Integer>();
    for (MethodExample method : JdkRows.mixed(methods)) {
      SequencedMap<String, Object> row = rows.row(method);
      if (found.size() == most) {
        break;
      }
      if (row.isEmpty() || !seen.add(row.firstEntry().getValue())) {
        continue;
      }
      Object answer = row.lastEntry().getValue();
      if (this == EXCEPTIONS && counts.merge(answer, 1, Integer::sum) > (most + 1) / 2) {
        continue;
      }
      found.add(JdkRows.identified(row, method));
    }
    return found;
  }
}
