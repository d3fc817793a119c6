package dev.quintet.app.demo;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.FolderLock;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.OutFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The folder of one demo: what was asked for, and the result of each phase, written atomically when the phase
/// is done, so that a resumed demo repeats at most the phase that died.
///
/// - `demo.json`: the arguments;
/// - `phases/NAME.json`: a phase's result and seconds; `phases/plan.json`: how many steps were planned when;
/// - `phases/NAME-clock.json`: what a training had taken at its checkpoints;
/// - `methods.txt`, `tokenizer`, `checkpoints`, `model`, `second-task`, `compare`: what phases make;
/// - `log.jsonl`, `loss.png`: the naming task's numbers;
/// - `metrics.json`: the whole result, written last.
public final class DemoFolder {
  /// Where steps are timed, removed again.
  static final String TIMING = ".tmp-timing";

  private static final List<String> MADE =
      List.of(
          "phases",
          "methods.txt",
          "tokenizer",
          "checkpoints",
          "model",
          "second-task",
          "compare",
          "log.jsonl",
          "loss.png",
          "metrics.json",
          TIMING);

  private final Path root;

  /// The folder, which need not exist.
  public DemoFolder(Path root) {
    this.root = root;
  }

  /// A path in the folder.
  public Path path(String name) {
    return root.resolve(name);
  }

  /// Whether a demo was started here.
  public boolean started() {
    return Files.exists(path("demo.json"));
  }

  /// Whether the demo here is done.
  public boolean finished() {
    return Files.exists(path("metrics.json"));
  }

  /// Whether the model that names methods has been trained here.
  public boolean trained() {
    return result("train").isPresent();
  }

  /// Refuses arguments that are not those of the demo that was started here.
  ///
  /// @throws DemoFolderException if they differ
  public void check(DemoArguments asked) {
    String before = arguments().record();
    if (!before.equals(asked.record())) {
      throw new DemoFolderException(
          root
              + " holds a demo with other arguments ("
              + before
              + "; now "
              + asked.record()
              + "): give the same ones, or another folder");
    }
  }

  /// Forgets a demo that could not be started, lock and all, so that it stands in nobody's way.
  public void forget(FolderLock lock) {
    lock.discard();
    try {
      Files.deleteIfExists(path("demo.json"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path("demo.json"), e);
    }
  }

  /// Takes the folder for this demo alone, until the lock is closed; makes it if it is missing.
  ///
  /// @throws dev.quintet.trainer.loop.OtherRunException if no demo was started here and something that one would write is
  ///     there: it names it
  /// @throws DemoFolderException if another demo is running here
  /// @throws IllegalArgumentException if the folder's name is empty
  public FolderLock lock() {
    OutFolder.check(root);
    if (!started()) {
      OutFolder.refuseTaken(root, MADE.stream().map(this::path).toList());
    }
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + root + ": " + e, e);
    }
    return FolderLock.take(root)
        .orElseThrow(() ->
            new DemoFolderException(
                "another demo is running in "
                    + root
                    + " now: wait for its end, or choose another folder"));
  }

  /// Writes down what was asked for.
  public void start(DemoArguments arguments) {
    var asked = new LinkedHashMap<String, Object>();
    asked.put("version", 1);
    asked.put("arguments", arguments.record());
    write(path("demo.json"), asked);
  }

  /// What was asked for when the demo was started.
  ///
  /// @throws DemoFolderException if the record cannot be read
  public DemoArguments arguments() {
    try {
      return DemoArguments.parse(read(path("demo.json")).required("arguments", JsonObject::string));
    } catch (IllegalArgumentException e) {
      throw new DemoFolderException(e.getMessage() + "; start a demo in another folder");
    }
  }

  /// The result of a phase, if it is done.
  Optional<JsonObject> result(String phase) {
    return json(phase + ".json");
  }

  /// Writes the result of a phase: from now on it is done.
  void done(String phase, Map<String, ?> result, double seconds) {
    var timed = new LinkedHashMap<String, Object>(result);
    timed.put("seconds", seconds);
    write(phase + ".json", timed);
  }

  /// A file of JSON in the folder of phases, if it is there.
  Optional<JsonObject> json(String file) {
    Path path = path("phases").resolve(file);
    return Files.exists(path) ? Optional.of(read(path)) : Optional.empty();
  }

  /// Writes such a file.
  void write(String file, Map<String, ?> content) {
    write(path("phases").resolve(file), content);
  }

  /// Seconds of each phase that is done, in the order of `phases`.
  Map<String, Double> seconds(Iterable<String> phases) {
    var seconds = new LinkedHashMap<String, Double>();
    for (String phase : phases) {
      result(phase).ifPresent(r -> seconds.put(phase, r.number("seconds").orElse(0.0)));
    }
    return seconds;
  }

  /// Writes the whole result.
  void metrics(Map<String, ?> metrics) {
    write(path("metrics.json"), metrics);
  }

  private static void write(Path file, Map<String, ?> content) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder of " + file, e);
    }
    AtomicFile.write(file, JsonText.of(content) + "\n");
  }

  private static JsonObject read(Path file) {
    try {
      return JsonObject.read(file);
    } catch (MalformedFileException e) {
      throw new DemoFolderException(e.getMessage() + "; start a demo in another folder");
    }
  }
}
