package dev.quintet.trainer.events;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.loop.Evaluated;
import dev.quintet.trainer.loop.Tested;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a run's course for TensorBoard, into the folder `events` of the run: `tensorboard --logdir OUT` shows it.
///
/// ```java
/// Trainer.of(t5).data(splits).listener(new EventLog(out)).run(out);
/// ```
///
/// Scalars: `train/loss`, `train/rate`, `train/gradient_norm`, `train/tokens_per_second`, `memory/peak_bytes`, `eval/loss`, and
/// the scores of evaluations and of the test part as `eval/NAME` and `test/NAME`. Text: `examples`, the first answers of each
/// evaluation. A run that goes on begins a new file, which has TensorBoard drop what earlier ones hold of later steps. What is written
/// reaches the file once a second and at the end.
public final class EventLog implements TrainingListener, AutoCloseable {
  private static final String EVALUATION_LOSS = "eval/loss";

  private final Path out;
  private final Path folder;
  private final InstantSource clock;
  private Device device = Device.cpu();
  private Map<String, ?> settings = Map.of();
  private Map<String, Parameter> weights = Map.of();
  private Optional<EventFile> open = Optional.empty();

  /// A log; its file is made when training starts.
  ///
  /// @param out the folder of the run
  public EventLog(Path out) {
    this(out, InstantSource.system());
  }

  EventLog(Path out, InstantSource clock) {
    this.out = out;
    folder = out.resolve("events");
    this.clock = clock;
  }

  /// Reads the peak of memory from this device, the processor if nothing is said.
  public EventLog device(Device other) {
    device = other;
    return this;
  }

  /// Writes these settings with the run, for TensorBoard's comparison of runs.
  ///
  /// @param values booleans and numbers, and anything else by its text
  public EventLog settings(Map<String, ?> values) {
    settings = new LinkedHashMap<>(values);
    return this;
  }

  /// Writes at each evaluation how the values of these weights are spread.
  public EventLog weights(Map<String, Parameter> parameters) {
    weights = new LinkedHashMap<>(parameters);
    return this;
  }

  @Override
  public List<Path> folders() {
    return List.of(folder);
  }

  @Override
  public void started(TrainingStart start) {
    boolean first = !EventFile.anyIn(folder);
    EventFile file = EventFile.in(folder, clock);
    open = Optional.of(file);
    if (!first) {
      // At the very start step 0 is evaluated anew.
      long next = start.fromStep() == 0 ? 0 : start.fromStep() + 1;
      file.write(Event.sessionStart(file.now(), next));
    }
    if (!settings.isEmpty() && (first || start.fromStep() == 0)) {
      file.write(Event.experiment(file.now(), settings, List.of(EVALUATION_LOSS)));
      file.write(Event.runStart(file.now(), settings, file.now()));
    }
  }

  @Override
  public void stepped(StepReport report) {
    var values = new LinkedHashMap<String, Double>();
    values.put("train/loss", report.loss());
    values.put("train/rate", report.rate());
    values.put("train/gradient_norm", report.norm());
    values.put(
        "train/tokens_per_second", report.tokens() * 1e9 / Math.max(1, report.nanoseconds()));
    values.put("memory/peak_bytes", (double) Backends.of(device).memory().peakBytes());
    open.ifPresent(file -> file.write(Event.scalars(file.now(), report.step(), values)));
  }

  @Override
  public void evaluated(Evaluated evaluated) {
    long step = evaluated.step();
    scalar(EVALUATION_LOSS, step, evaluated.loss());
    evaluated.scores().forEach((name, score) -> scalar("eval/" + name, step, score));
    ExampleText.of(out, step).ifPresent(markdown -> text("examples", step, markdown));
    weights.forEach((name, parameter) ->
        histogram("weights/" + name, step, Histogram.of(parameter.toFloats())));
  }

  @Override
  public void tested(Tested tested) {
    scalar("test/loss", tested.step(), tested.loss());
    tested.scores().forEach((name, score) -> scalar("test/" + name, tested.step(), score));
  }

  /// Writes a number; nothing before the start and after the end.
  ///
  /// @param tag such as `eval/rougeL`
  /// @param step steps done
  public void scalar(String tag, long step, double value) {
    open.ifPresent(file -> file.write(Event.scalar(file.now(), step, tag, value)));
  }

  /// Writes a text; nothing before the start and after the end.
  ///
  /// @param tag such as `examples`
  /// @param step steps done
  public void text(String tag, long step, String markdown) {
    open.ifPresent(file -> file.write(Event.text(file.now(), step, tag, markdown)));
  }

  /// Writes how values are spread; nothing before the start and after the end.
  ///
  /// @param step steps done
  public void histogram(String tag, long step, Histogram histogram) {
    open.ifPresent(file -> file.write(Event.histogram(file.now(), step, tag, histogram)));
  }

  @Override
  public void saving(long step) {
    open.ifPresent(EventFile::flush);
  }

  @Override
  public void finished(TrainingResult result) {
    if (!settings.isEmpty() && !result.stopped()) {
      open.ifPresent(file -> file.write(Event.runEnd(file.now(), true, file.now())));
    }
    close();
  }

  @Override
  public void failed(RuntimeException cause) {
    if (!settings.isEmpty()) {
      open.ifPresent(file -> file.write(Event.runEnd(file.now(), false, file.now())));
    }
    close();
  }

  @Override
  public void close() {
    open.ifPresent(EventFile::close);
    open = Optional.empty();
  }
}
