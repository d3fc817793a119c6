package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Widened;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.ParameterFile;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The checkpoints of one run: folders `step-N`, each complete or not there.
///
/// A checkpoint holds `model.safetensors` (parameters by name), `optimizer.safetensors` (the moments, such as
/// `NAME.first`), `ema.safetensors` where weights are averaged, `learner.safetensors` where the learner keeps more, `state.json` and the manifest that proves it whole. The newest are kept, as many as the plan says, and
/// beside them the last two from before the numbers ceased to be finite, and that of the best model if it was saved. Nothing in it depends on the clock.
///
/// Only what is whole and of this run counts. What is not is passed over, which the log says, and stays where it is.
final class CheckpointStore {
  private static final System.Logger LOG = System.getLogger(CheckpointStore.class.getName());
  private static final String PREFIX = "step-";
  private static final String AVERAGE = "ema.safetensors";
  private static final String MORE = "learner.safetensors";
  private static final int SOUND = 2;

  private final Path folder;
  private final String fingerprint;
  private final int limit;
  private final Map<Path, Look> looks = new HashMap<>();

  /// What one of the folders is: of this run, with its state, or a reason why it is not to be used.
  private record Look(Optional<TrainingState> state, String reason) {}

  /// @param folder where they lie
  /// @param fingerprint of the run
  /// @param limit how many of the newest are kept
  CheckpointStore(Path folder, String fingerprint, int limit) {
    this.folder = folder;
    this.fingerprint = fingerprint;
    this.limit = limit;
  }

  /// Whether a folder holds a whole checkpoint of any run.
  static boolean any(Path folder) {
    return AtomicDirectory.newest(folder, PREFIX).isPresent();
  }

  /// After how many steps the newest whole checkpoint in a folder was written; 0 where there is none.
  static long newestStep(Path folder) {
    return AtomicDirectory.newest(folder, PREFIX)
        .map(path -> Long.parseLong(String.valueOf(path.getFileName()).substring(PREFIX.length())))
        .orElse(0L);
  }

  /// Whether the newest whole checkpoint in a folder holds exactly these parameters.
  static boolean newestHolds(Path folder, Map<String, Parameter> parameters) {
    return AtomicDirectory.newest(folder, PREFIX)
        .filter(checkpoint -> holds(checkpoint.resolve("model.safetensors"), parameters))
        .isPresent();
  }

  /// Whether a file holds exactly these parameters, bit for bit.
  static boolean holds(Path file, Map<String, Parameter> parameters) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return opened.names().size() == parameters.size()
          && parameters.entrySet().stream()
              .allMatch(entry -> holds(opened, entry.getKey(), entry.getValue()));
    }
  }

  private static boolean holds(SafetensorsFile opened, String name, Parameter parameter) {
    if (!opened.contains(name) || !opened.entry(name).shape().equals(parameter.shape())) {
      return false;
    }
    try (Arena arena = Arena.ofShared()) {
      long bytes = DType.F32.bytes(parameter.elements());
      MemorySegment saved = arena.allocate(bytes, 64);
      opened.readFloats(name, saved);
      MemorySegment now = arena.allocate(bytes, 64);
      Scope.reading(
          parameter.device(),
          () -> {
            try (var wide = new Widened(parameter.backend())) {
              long from = wide.read(parameter.type(), parameter.address(), parameter.elements());
              parameter.backend().memory().read(from, now, bytes);
            }
          });
      return saved.mismatch(now) < 0;
    }
  }

  /// Writes a checkpoint and removes those that are not kept.
  void write(Map<String, Parameter> parameters, Optimizer optimizer, TrainingState state) {
    write(parameters, Map.of(), optimizer, Optional.empty(), state);
  }

  /// Like [#write], with an average of the weights.
  ///
  /// @param more what a learner keeps beside its parameters
  void write(
      Map<String, Parameter> parameters,
      Map<String, Parameter> more,
      Optimizer optimizer,
      Optional<Ema> average,
      TrainingState state) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder + ": " + e, e);
    }
    Path checkpoint = folder.resolve(PREFIX + state.step());
    AtomicDirectory.write(
        checkpoint,
        directory -> {
          writeTensors(directory.resolve("model.safetensors"), parameters);
          writeTensors(directory.resolve("optimizer.safetensors"), optimizer.state());
          average.ifPresent(ema -> writeTensors(directory.resolve(AVERAGE), ema.state()));
          if (!more.isEmpty()) {
            writeTensors(directory.resolve(MORE), more);
          }
          AtomicFile.write(directory.resolve("state.json"), StateJson.write(state));
        });
    looks.put(checkpoint, new Look(Optional.of(state), ""));
    prune(checkpoint);
  }

  private void prune(Path written) {
    List<Path> ours = numbered().stream().filter(path -> look(path).state.isPresent()).toList();
    List<Path> sound = ours.stream().filter(p -> look(p).state.orElseThrow().isSound()).toList();
    var kept = new HashSet<Path>(ours.subList(Math.max(0, ours.size() - limit), ours.size()));
    kept.addAll(sound.subList(Math.max(0, sound.size() - Math.min(SOUND, limit)), sound.size()));
    kept.add(written);
    look(written).state.ifPresent(state -> kept.add(folder.resolve(PREFIX + state.bestStep())));
    for (Path old : ours) {
      if (kept.contains(old)) {
        continue;
      }
      if (AtomicDirectory.strangers(old).isEmpty()) {
        AtomicDirectory.delete(old);
        looks.remove(old);
      } else if (look(old).reason.isEmpty()) {
        looks.put(old, new Look(look(old).state, "said"));
        warn(old + " holds what the run did not write, so it is not removed");
      }
    }
  }

  /// The newest whole checkpoint of this run; empty where there is no checkpoint at all.
  ///
  /// @throws OtherRunException if there are checkpoints, but none to continue from
  Optional<Path> newest() {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    AtomicDirectory.clean(folder);
    var passedOver = new ArrayList<String>();
    for (Path path : numbered().reversed()) {
      Look look = look(path);
      if (look.state.isPresent()) {
        passedOver.forEach(reason -> warn("passed over " + reason));
        return Optional.of(path);
      }
      passedOver.add(path + ": " + look.reason);
    }
    if (passedOver.isEmpty()) {
      return Optional.empty();
    }
    throw new OtherRunException(
        "none of the %d checkpoints in %s can be continued, and none is overwritten: %s. Restore one, or start without resuming, in another folder"
            .formatted(passedOver.size(), folder, String.join("; ", passedOver)));
  }

  /// The newest checkpoint from before the numbers ceased to be finite.
  Optional<Path> newestSound() {
    return numbered().reversed().stream()
        .filter(path -> look(path).state.filter(TrainingState::isSound).isPresent())
        .findFirst();
  }

  private List<Path> numbered() {
    return AtomicDirectory.numbered(folder, PREFIX);
  }

  private Look look(Path path) {
    return looks.computeIfAbsent(path, this::examine);
  }

  private Look examine(Path path) {
    try {
      AtomicDirectory.verify(path);
      TrainingState state = state(path);
      if (!state.fingerprint().equals(fingerprint)) {
        return new Look(
            Optional.empty(), "it was written by a run with other settings, data or model");
      }
      if (!path.endsWith(PREFIX + state.step())) {
        return new Look(Optional.empty(), "it holds the state after step " + state.step());
      }
      return new Look(Optional.of(state), "");
    } catch (MalformedFileException | UncheckedIOException | OtherRunException e) {
      return new Look(Optional.empty(), "it is damaged (" + e.getMessage() + ")");
    }
  }

  private static void warn(String text) {
    LOG.log(System.Logger.Level.WARNING, text);
  }

  /// Fills parameters and optimizer from a checkpoint.
  TrainingState read(Path checkpoint, Map<String, Parameter> parameters, Optimizer optimizer) {
    TrainingState state = StateJson.read(checkpoint.resolve("state.json"));
    readTensors(checkpoint.resolve("model.safetensors"), parameters);
    restoreMoments(checkpoint, state, parameters, optimizer);
    return state;
  }

  /// Fills what a learner keeps beside its parameters from a checkpoint.
  static void readMore(Path checkpoint, Map<String, Parameter> more) {
    if (!more.isEmpty()) {
      readTensors(checkpoint.resolve(MORE), more);
    }
  }

  /// Fills an average of the weights from a checkpoint.
  ///
  /// @param updates how many it had taken in
  static void readAverage(Path checkpoint, Ema average, long updates) {
    Path file = checkpoint.resolve(AVERAGE);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      average.restore(updates, List.copyOf(opened.names()));
    } catch (IllegalArgumentException e) {
      throw new OtherRunException(file + ": " + e.getMessage());
    }
    readTensors(file, average.state());
  }

  /// Fills parameters with the weights of another run's checkpoint.
  static void readModel(Path checkpoint, Map<String, Parameter> parameters) {
    readTensors(checkpoint.resolve("model.safetensors"), parameters);
  }

  /// Fills an optimizer with the moments of another run's checkpoint, of those parameters that this one has.
  static TrainingState readMoments(
      Path checkpoint, Map<String, Parameter> parameters, Optimizer optimizer) {
    TrainingState state = StateJson.read(checkpoint.resolve("state.json"));
    restoreMoments(checkpoint, state, parameters, optimizer);
    return state;
  }

  private static void restoreMoments(
      Path checkpoint,
      TrainingState state,
      Map<String, Parameter> parameters,
      Optimizer optimizer) {
    state
        .updates()
        .keySet()
        .forEach(name -> {
          Parameter parameter = parameters.get(name);
          if (parameter == null) {
            throw new OtherRunException(
                checkpoint
                    + " has moments of "
                    + name
                    + ", a parameter that this model does not have");
          }
          optimizer.restore(name, parameter);
        });
    readTensors(checkpoint.resolve("optimizer.safetensors"), optimizer.state());
  }

  /// The state of a checkpoint.
  static TrainingState state(Path checkpoint) {
    return StateJson.read(checkpoint.resolve("state.json"));
  }

  /// Writes tensors as they are.
  static void writeTensors(Path file, Map<String, Parameter> tensors) {
    AtomicFile.write(file, ParameterFile.content(tensors, file));
  }

  /// Fills tensors from a file that holds these and no others.
  ///
  /// @throws OtherRunException if it does not
  static void readTensors(Path file, Map<String, Parameter> tensors) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      if (opened.names().size() != tensors.size()) {
        throw new OtherRunException(
            file + " holds " + opened.names().size() + " tensors, not " + tensors.size());
      }
      tensors.forEach((name, parameter) -> {
        if (!opened.contains(name) || !opened.entry(name).shape().equals(parameter.shape())) {
          throw new OtherRunException(
              file + " has no tensor " + name + " of shape " + parameter.shape());
        }
        // shared: large tensors are converted by several threads
        try (Arena arena = Arena.ofShared()) {
          MemorySegment copy = arena.allocate(DType.F32.bytes(parameter.elements()), 64);
          opened.readFloats(name, copy);
          parameter.set(copy);
        }
      });
    }
  }
}
