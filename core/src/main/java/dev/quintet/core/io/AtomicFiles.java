package dev.quintet.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/// Several files of one folder that change together, beside others that stay.
///
/// All are written and forced under temporary names first, which may take long; [#publish] then renames and
/// removes in the order of the calls. So a process that is killed while writing changes nothing, and the few renames
/// at the end can be ordered such that what is between is refused by readers rather than misread. Closing
/// without publishing removes what was written.
public final class AtomicFiles implements AutoCloseable {
  private final Path folder;
  private final List<Step> steps = new ArrayList<>();

  private sealed interface Step {}

  private record Put(Path temporary, Path target) implements Step {}

  private record Remove(Path target) implements Step {}

  private AtomicFiles(Path folder) {
    this.folder = folder;
  }

  /// Files of a folder, which is made where it is missing.
  ///
  /// @throws UncheckedIOException if it cannot be made
  public static AtomicFiles in(Path folder) {
    Path place = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(place);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder + ": " + e, e);
    }
    return new AtomicFiles(place);
  }

  /// Writes a file, to appear at [#publish] in place of any of this name.
  ///
  /// @throws UncheckedIOException if it cannot be written
  public void write(String name, AtomicFile.Content content) {
    Path target = folder.resolve(name);
    Leftovers.removeOf(target);
    Path temporary = Leftovers.fresh(target);
    steps.add(new Put(temporary, target));
    try {
      AtomicFile.writeAndForce(temporary, content);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target + ": " + e, e);
    }
  }

  /// Writes a file of this text in UTF-8, to appear at [#publish].
  ///
  /// @throws UncheckedIOException if it cannot be written
  public void write(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(name, out -> out.write(MemorySegment.ofArray(bytes)));
  }

  /// Has a file removed at [#publish], if it is there then.
  public void remove(String name) {
    steps.add(new Remove(folder.resolve(name)));
  }

  /// Does what was asked for, in order.
  ///
  /// @throws UncheckedIOException if a file cannot be renamed or removed
  public void publish() {
    try {
      for (Step step : steps) {
        switch (step) {
          case Put(Path temporary, Path target) ->
              Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
          case Remove(Path target) -> Files.deleteIfExists(target);
        }
      }
      AtomicFile.force(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot replace files in " + folder + ": " + e, e);
    }
  }

  /// Removes what was written and not published.
  @Override
  public void close() {
    for (Step step : steps) {
      if (step instanceof Put(Path temporary, Path _)) {
        Leftovers.done(temporary);
      }
    }
  }
}
