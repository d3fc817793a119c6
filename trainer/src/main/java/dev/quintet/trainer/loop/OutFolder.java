package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// What lies in the folders that runs write, told apart: what a run made, and what somebody else put there, which
/// nothing may overwrite.
///
/// Folders of a run hold a manifest; what it does not name is a stranger. Files are known by the record of the run.
public final class OutFolder {
  private static final Pattern CHECKPOINT = Pattern.compile("step-[0-9]{1,18}");
  private static final Pattern CLEANED =
      Pattern.compile("\\.tmp-.+\\.[0-9]+-[0-9]+|\\.replaced-.+");
  private static final Pattern KEPT = Pattern.compile(".+\\.kept-[0-9]+");
  private static final int NAMED = 3;

  private OutFolder() {}

  /// Refuses a folder in which nothing was made yet, if something that would be written is there, or something that would
  /// be taken for what a killed process left.
  ///
  /// @param out the folder, which need not exist
  /// @param written what would be written
  /// @throws OtherRunException that names what is there
  public static void refuseTaken(Path out, Collection<Path> written) {
    refuse(written.stream().filter(OutFolder::exists).toList(), "would be overwritten");
    List<Path> removed =
        list(out).stream()
            .filter(path -> CLEANED.matcher(name(path)).matches())
            .filter(path ->
                !name(path)
                    .matches("\\.tmp-([a-z]+\\.json|data)\\..+")) // of a start that was killed
            .toList();
    refuse(removed, "would be taken for what a killed process left");
  }

  /// Refuses a path that cannot be the folder of a run.
  ///
  /// @throws IllegalArgumentException if it is empty
  /// @throws OtherRunException if it is something else than a folder
  public static void check(Path out) {
    if (out.toString().isBlank()) {
      throw new IllegalArgumentException(
          "the folder to write to has an empty name; the current one is called \".\"");
    }
    if (exists(out) && !Files.isDirectory(out)) {
      throw new OtherRunException(out + " is to be a folder, but is something else: name another");
    }
  }

  /// Refuses a model folder that holds what its manifest does not name, or is no folder.
  static void refuseStrangersInModel(Path folder) {
    if (exists(folder) && !isFolder(folder)) {
      refuse(List.of(folder), "is no folder of a run's model");
    }
    refuse(AtomicDirectory.strangers(folder), "was not written by the run");
  }

  /// Refuses a folder of checkpoints that holds anything else, at any depth. One whose manifest cannot be read is damaged,
  /// which is for the [CheckpointStore] to say.
  static void refuseStrangersInCheckpoints(Path folder) {
    if (exists(folder) && !isFolder(folder)) {
      refuse(List.of(folder), "is no folder of a run's checkpoints");
    }
    var strangers = new ArrayList<Path>();
    for (Path path : list(folder)) {
      if (CHECKPOINT.matcher(name(path)).matches() && isFolder(path)) {
        List<Path> inside = AtomicDirectory.strangers(path);
        Path manifest = path.resolve(AtomicDirectory.MANIFEST);
        if (exists(manifest) && !inside.contains(manifest)) {
          strangers.addAll(inside);
        }
      } else if (!CLEANED.matcher(name(path)).matches() && !KEPT.matcher(name(path)).matches()) {
        strangers.add(path);
      }
    }
    refuse(strangers, "was not written by the run");
  }

  /// Refuses what has the name of a file that is to be written, but is none.
  static void refuseOtherThanFiles(Collection<Path> written) {
    refuse(
        written.stream()
            .filter(path -> exists(path) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
            .toList(),
        "is no plain file");
  }

  /// Refuses what has the name of a folder that is to be made, but is none.
  static void refuseOtherThanFolders(Collection<Path> made) {
    refuse(made.stream().filter(path -> exists(path) && !isFolder(path)).toList(), "is no folder");
  }

  static void refuse(List<Path> found, String what) {
    if (found.isEmpty()) {
      return;
    }
    var names = new ArrayList<String>();
    found.stream().limit(NAMED).forEach(path -> names.add(path.toString()));
    if (found.size() > NAMED) {
      names.add(found.size() - NAMED + " more");
    }
    throw new OtherRunException(
        String.join(", ", names)
            + " "
            + (found.size() == 1
                ? what
                : what.replaceFirst("^was ", "were ").replaceFirst("^is ", "each is "))
            + ": move it away, or name another folder");
  }

  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var paths = Files.list(folder)) {
      return paths.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
    }
  }
}
