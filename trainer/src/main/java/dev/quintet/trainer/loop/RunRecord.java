package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.FolderLock;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Examples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// `run.json` of a folder: what decides the run in it, so that another one neither overwrites nor continues it, and
/// what the run makes there, so that nothing else is overwritten.
final class RunRecord {
  /// The key of the model with which a run begins.
  static final String MODEL = "model";

  private static final int VERSION = 3;

  private static final String STEPS = "steps";
  private static final String EVALUATE_EVERY = "evaluate_every";
  private static final Pattern PREDICTIONS = Pattern.compile("predictions-[0-9a-z]+\\.jsonl");
  private static final String ALL_PREDICTIONS = "predictions-*.jsonl";

  private final Path out;
  private final Path file;
  private final List<Path> files;
  private final List<Path> foldersOfFiles;
  private final List<Path> all;

  /// The record of a run.
  ///
  /// @param out its folder
  /// @param files the files that it and who listens will write, but for the record
  /// @param foldersOfFiles folders that who listens will make, and begin files in
  /// @param predicts whether it writes predictions too
  /// @param averages whether it writes an average of the weights
  RunRecord(
      Path out, List<Path> files, List<Path> foldersOfFiles, boolean predicts, boolean averages) {
    this.out = out;
    this.file = out.resolve("run.json");
    this.files = files;
    this.foldersOfFiles = foldersOfFiles;
    RunFolders folders = RunFolders.in(out);
    all = new ArrayList<>(files);
    all.addAll(foldersOfFiles);
    all.addAll(List.of(folders.checkpoints(), folders.best(), last()));
    if (averages) {
      all.add(folders.average());
    }
    if (predicts) {
      all.add(out.resolve(ALL_PREDICTIONS));
      all.addAll(predictions(out));
    }
  }

  /// The files of predictions that are there.
  private static List<Path> predictions(Path out) {
    if (!Files.isDirectory(out)) {
      return List.of();
    }
    try (var files = Files.list(out)) {
      return files
          .filter(path -> PREDICTIONS.matcher(String.valueOf(path.getFileName())).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + out + ": " + e, e);
    }
  }

  /// How often the run that is there evaluates, if there is one.
  Optional<Long> evaluateEvery() {
    return Files.isRegularFile(file)
        ? read().string(EVALUATE_EVERY).filter(text -> text.matches("[0-9]+")).map(Long::valueOf)
        : Optional.empty();
  }

  /// Refuses fewer steps than are done.
  ///
  /// @param steps that the run is to have
  /// @param done that it has
  void requireSteps(long steps, long done) {
    if (done > steps) {
      throw new OtherRunException(
          "%s holds a run that has done %,d steps, more than the steps that it is to have (%,d): set at least those, or choose another folder"
              .formatted(out, done, steps));
    }
  }

  Path last() {
    return out.resolve("last");
  }

  /// What decides a run's result, by name. How often it saves does not.
  static Map<String, String> settings(
      TrainingPlan plan,
      Examples train,
      Examples validate,
      Learner learner,
      Map<String, String> more) {
    Map<String, Parameter> parameters = learner.module().parameters();
    var settings = new LinkedHashMap<String, String>();
    settings.put(STEPS, String.valueOf(plan.steps()));
    settings.put("batch_size", String.valueOf(plan.batchSize()));
    settings.put("accumulation", String.valueOf(plan.accumulation()));
    settings.put("schedule", plan.rate().toString());
    settings.put("update", plan.update() + " " + plan.optimizer());
    settings.put("clip", String.valueOf(plan.clip()));
    settings.put("freezing", plan.freezing().toString());
    settings.put("seed", String.valueOf(plan.seed()));
    settings.put(EVALUATE_EVERY, String.valueOf(plan.evaluateEvery()));
    settings.put("select", plan.choice().select() + " by more than " + plan.choice().minDelta());
    settings.putAll(more);
    settings.putAll(learner.settings());
    settings.put("train", Fingerprint.of(train));
    settings.put("validation", Fingerprint.of(validate));
    settings.put(MODEL, Fingerprint.of(parameters));
    return settings;
  }

  /// Refuses a folder in which this run may not write; changes nothing.
  ///
  /// @throws OtherRunException that says what is in the way
  void check(boolean resume) {
    OutFolder.check(out);
    if (!OutFolder.exists(file)) {
      OutFolder.refuseTaken(out, all);
      return;
    }
    OutFolder.refuseOtherThanFiles(List.of(file));
    if (!resume) {
      throw new OtherRunException(
          out + " holds a run already: resume it (--resume), or choose another folder");
    }
    List<String> made = made(read());
    OutFolder.refuse(
        all.stream().filter(p -> OutFolder.exists(p) && !made.contains(name(p))).toList(),
        "is not of the run in " + out + " and would be overwritten");
    OutFolder.refuseOtherThanFiles(files);
    OutFolder.refuseOtherThanFolders(foldersOfFiles);
    OutFolder.refuseStrangersInModel(last());
    RunFolders.in(out).refuseStrangers();
  }

  /// Takes the folder for this run alone, until the lock is closed.
  ///
  /// @throws OtherRunException if another one has it
  FolderLock lock() {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + out + ": " + e, e);
    }
    return FolderLock.take(out)
        .orElseThrow(() ->
            new OtherRunException(
                "another run is writing in "
                    + out
                    + " now: wait for its end, or choose another folder"));
  }

  /// Writes the record of a new run, or compares that of the run that is continued.
  ///
  /// @param asLeft whether a model that is not the one of this fingerprint, with which the run began, is what the run left
  /// @throws OtherRunException if the folder holds a run that is not to be continued, or another one
  void begin(Map<String, String> settings, boolean resume, Predicate<String> asLeft) {
    check(resume);
    if (Files.exists(file)) {
      JsonObject recorded = read();
      settings.forEach((key, value) -> {
        String begun = recorded.string(key).orElse("");
        boolean trainedOn = key.equals(MODEL) && !begun.equals(value) && asLeft.test(begun);
        if (!trainedOn && !key.equals(STEPS)) {
          compare(recorded, key, value);
        }
      });
      record(settings, recorded);
      return;
    }
    record(settings, JsonObject.of(Map.of()));
  }

  /// Writes the record, unless it is there and says the same.
  private void record(Map<String, String> settings, JsonObject before) {
    var root = new LinkedHashMap<String, Object>();
    root.put("version", VERSION);
    root.putAll(settings);
    before.string(MODEL).ifPresent(begun -> root.put(MODEL, begun));
    List<String> madeBefore = made(before);
    var names = new LinkedHashSet<>(madeBefore);
    all.forEach(path -> names.add(name(path)));
    root.put("makes", List.copyOf(names));
    if (names.size() > madeBefore.size()
        || !before.string(STEPS).equals(Optional.ofNullable(settings.get(STEPS)))) {
      AtomicFile.write(file, JsonText.of(root) + "\n");
    }
  }

  private static List<String> made(JsonObject recorded) {
    return recorded.list("makes").orElse(List.of()).stream().map(String::valueOf).toList();
  }

  private String name(Path path) {
    if (PREDICTIONS.matcher(String.valueOf(path.getFileName())).matches()) {
      return ALL_PREDICTIONS;
    }
    Path absolute = path.toAbsolutePath().normalize();
    Path folder = out.toAbsolutePath().normalize();
    return absolute.startsWith(folder)
        ? folder.relativize(absolute).toString().replace('\\', '/')
        : absolute.toString();
  }

  private JsonObject read() {
    JsonObject recorded;
    long version;
    try {
      recorded = JsonObject.read(file);
      version = recorded.whole("version").orElse(1L);
    } catch (MalformedFileException | IllegalArgumentException e) {
      throw new OtherRunException(e.getMessage() + "; choose another folder");
    }
    if (version != VERSION) {
      throw new OtherRunException(
          file
              + " is no record of a run, or one of an earlier or later version than "
              + VERSION
              + ", which does not say all that has to agree; finish that run with the version that"
              + " began it, or choose another folder");
    }
    return recorded;
  }

  private void compare(JsonObject recorded, String key, String value) {
    String before = recorded.string(key).orElse("nothing");
    if (!before.equals(value)) {
      throw new OtherRunException(
          out
              + " holds a run with another "
              + key
              + " ("
              + before
              + ", now "
              + value
              + "): "
              + (key.equals(MODEL)
                  ? "give it as it was at the start, or as the run left it, "
                  : "set it as it was, ")
              + "or choose another folder");
    }
  }
}
