package dev.quintet.app.cli;

import dev.quintet.core.io.FolderLock;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.OtherRunException;
import dev.quintet.trainer.loop.OutFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// The folder that `search`, `cross-validate` or `compare-tuning` writes in, begun now or before; nobody else writes in it as long
/// as this is open.
///
/// @param what works in it, for people
/// @param record the file that says what was begun in it
/// @param begun whether it goes on with what was begun before
/// @param lock the folder's
record SubjectFolder(String what, Path record, boolean begun, FolderLock lock)
    implements AutoCloseable {

  /// Takes a folder, and makes it where it is not there.
  ///
  /// @param record the name of the file that says what was begun
  /// @param resume whether to go on where something was begun
  /// @param written the names of all that is to be written, which must not be there if nothing was begun
  static SubjectFolder take(
      String what, Path out, String record, boolean resume, List<String> written)
      throws IOException {
    OutFolder.check(out);
    boolean begun = resume && Files.exists(out.resolve(record));
    if (!begun) {
      OutFolder.refuseTaken(out, written.stream().map(out::resolve).toList());
    }
    Files.createDirectories(out);
    FolderLock lock =
        FolderLock.take(out)
            .orElseThrow(() ->
                new OtherRunException(
                    "another " + what + " is writing in " + out + ": wait for its end"));
    return new SubjectFolder(what, out.resolve(record), begun, lock);
  }

  /// Refuses to go on with settings that are not those that were begun with.
  void requireSame(JsonObject before, JsonObject now) {
    difference(before, now)
        .ifPresent(difference -> {
          throw new OtherRunException(
              record
                  + " is of another "
                  + what
                  + ": "
                  + difference
                  + "; put it back, or name another folder");
        });
  }

  /// A record's difference to another, by the name of the key.
  private static Optional<String> difference(JsonObject was, JsonObject is) {
    var keys = new TreeSet<>(was.keys());
    keys.addAll(is.keys());
    return keys.stream()
        .filter(key -> !text(was, key).equals(text(is, key)))
        .findFirst()
        .map(key -> "\"%s\" is now %s and was %s".formatted(key, text(is, key), text(was, key)));
  }

  private static String text(JsonObject json, String key) {
    return json.value(key).map(JsonText::line).orElse("nothing");
  }

  @Override
  public void close() {
    lock.close();
  }
}
