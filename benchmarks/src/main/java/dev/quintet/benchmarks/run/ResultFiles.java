package dev.quintet.benchmarks.run;

import dev.quintet.core.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where a run's results go, checked before anything is measured.
///
/// @param json the results
/// @param page the same to look at
record ResultFiles(Path json, Path page) {

  /// @param name both files' name without the ending
  /// @param baseline a file that must not be replaced
  /// @throws IllegalArgumentException if a file stands there that bench did not write
  static ResultFiles of(Path name, Optional<Path> baseline) {
    Path absolute = name.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null
        || absolute.getFileName() == null
        || Files.isDirectory(absolute) && name.toString().endsWith("/")) {
      throw new IllegalArgumentException(
          "--out " + name + ": expected the name of a file without its ending");
    }
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "--out " + name + ": " + folder + " is no folder that can be written to");
    }
    String last = absolute.getFileName().toString().replaceFirst("\\.(json|html)$", "");
    var files = new ResultFiles(sibling(name, last + ".json"), sibling(name, last + ".html"));
    check(files.json, ReportFile.isOurs(files.json));
    check(files.page, BenchPage.isOurs(files.page));
    if (baseline.isPresent() && isSame(baseline.get(), files.json)) {
      throw new IllegalArgumentException(
          "--out "
              + name
              + " would replace the baseline "
              + baseline.get()
              + "; take another name");
    }
    return files;
  }

  private static Path sibling(Path name, String file) {
    Path folder = name.getParent();
    return folder == null ? Path.of(file) : folder.resolve(file);
  }

  private static void check(Path file, boolean ours) {
    if (Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS) && !ours) {
      throw new IllegalArgumentException(
          file + " is there and was not written by bench; take another name with --out");
    }
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
  }

  void write(Report report, Optional<Baseline> baseline) {
    ReportFile.write(json, report);
    AtomicFile.write(page, BenchPage.of(report, baseline));
  }
}
