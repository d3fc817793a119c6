package dev.quintet.app.report;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.loop.TrainingData;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Keeps in `history.json` by which settings a run was trained, where and when each process began and how it ended: a process
/// without an end was killed, or still runs. It answers for the files of the report too, which [RunReport] writes when all
/// others are closed.
public final class RunHistory implements TrainingListener {
  /// The file's name.
  public static final String FILE = "history.json";

  private final Path file;
  private final JsonObject settings;
  private final Map<String, String> environment;
  private final List<Object> earlier = new ArrayList<>();
  private final Map<String, Object> now = new LinkedHashMap<>();
  private Optional<TrainingData> data = Optional.empty();
  private boolean written;

  /// A history; the file is written when training starts and when it ends.
  ///
  /// @param out the run's folder
  /// @param settings that decide the run, as `train` takes them
  /// @param environment where it runs, by name
  public RunHistory(Path out, JsonObject settings, Map<String, String> environment) {
    this.file = out.resolve(FILE);
    this.settings = settings;
    this.environment = new LinkedHashMap<>(environment);
  }

  @Override
  public List<Path> writes() {
    return Stream.of(FILE, BaselineAnswers.FILE, RunReport.PAGE, RunReport.NUMBERS)
        .map(file::resolveSibling)
        .toList();
  }

  /// Whether training has started.
  public boolean hasBegun() {
    return now.containsKey("time");
  }

  @Override
  public void prepared(TrainingData encoded) {
    data = Optional.of(encoded);
  }

  @Override
  public void started(TrainingStart start) {
    long fromStep = start.fromStep();
    if (Files.exists(file) && fromStep > 0) {
      earlier.addAll(JsonObject.read(file).list("starts").orElse(List.of()));
    }
    now.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    now.put("from_step", fromStep);
    now.put("steps", start.steps());
    now.put("steps_per_epoch", start.stepsPerEpoch());
    now.put("trainable", start.trainable());
    now.put("frozen", start.frozen());
    now.put("environment", environment);
    data.ifPresent(encoded -> {
      now.put("training", lengths(encoded.train()));
      now.put("validation", lengths(encoded.validation()));
    });
    if (fromStep == 0) {
      write();
    }
  }

  /// A process that finds nothing left to do leaves no trace, so the first step of a resumed run is waited for.
  @Override
  public void stepStarted(long step) {
    if (!written) {
      write();
    }
  }

  private boolean isWholeAlready() {
    return !earlier.isEmpty()
        && earlier.getLast() instanceof JsonObject last
        && last.object("end")
            .flatMap(end -> end.string("how"))
            .filter(how -> !how.equals("stopped") && !how.equals("failed"))
            .isPresent();
  }

  @Override
  public void finished(TrainingResult result) {
    if (result.stepsHere() == 0 && isWholeAlready()) {
      return;
    }
    var end = new LinkedHashMap<String, Object>();
    end.put("how", result.end().name().toLowerCase(Locale.ROOT));
    end.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    end.put("steps", result.steps());
    end.put("steps_here", result.stepsHere());
    end.put("skipped_here", result.skippedHere());
    end.put("best_step", result.bestStep());
    end.put("tokens_here", result.tokens());
    end.put("seconds_here", result.seconds());
    end.put("optimizer_bytes", result.optimizerBytes());
    now.put("end", end);
    write();
  }

  @Override
  public void failed(RuntimeException cause) {
    now.put(
        "end",
        new TreeMap<>(
            Map.of(
                "how",
                "failed",
                "message",
                Optional.ofNullable(cause.getMessage()).orElse(String.valueOf(cause)))));
    if (hasBegun()) {
      write();
    }
  }

  private static Map<String, Object> lengths(TrainingData.Part part) {
    var json = new LinkedHashMap<String, Object>();
    json.put("rows", part.rows());
    part.sources().ifPresent(lengths -> json.put("sources", json(lengths)));
    part.targets().ifPresent(lengths -> json.put("targets", json(lengths)));
    part.packed().ifPresent(rows -> json.put("packed_rows", rows));
    return json;
  }

  private static Map<String, Object> json(EncodedPairs.Lengths lengths) {
    var json = new LinkedHashMap<String, Object>();
    json.put("most", lengths.most());
    json.put("longest", lengths.longest());
    json.put("cut", lengths.cut());
    json.put("empty", lengths.empty());
    return json;
  }

  private void write() {
    written = true;
    var root = new LinkedHashMap<String, Object>();
    root.put("settings", settings);
    var starts = new ArrayList<>(earlier);
    starts.add(now);
    root.put("starts", starts);
    AtomicFile.write(file, JsonText.of(root) + "\n");
  }
}
