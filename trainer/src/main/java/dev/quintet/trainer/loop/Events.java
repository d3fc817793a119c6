package dev.quintet.trainer.loop;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Tells callbacks and listeners what happens in a run, callbacks first, and keeps what callbacks have asked for.
///
/// An exception of a callback becomes a [CallbackException]; a listener that throws one is logged and dropped.
final class Events {
  private static final System.Logger LOG = System.getLogger(Events.class.getName());

  private final List<Control> callbacks = new ArrayList<>();
  private final List<TrainingListener> listeners;
  private boolean stop;
  private boolean evaluate;
  private boolean save;
  private boolean skip;
  private boolean inGradients;

  Events(List<TrainingCallback> callbacks, List<TrainingListener> listeners) {
    for (int i = 0; i < callbacks.size(); i++) {
      TrainingCallback callback = callbacks.get(i);
      this.callbacks.add(new Control(callback, i + " " + callback.getClass().getName()));
    }
    this.listeners = new ArrayList<>(listeners);
  }

  /// What callbacks are and do, in words: part of what a resumed run has to agree in.
  String settings() {
    return String.join(
        "; ", callbacks.stream().map(c -> c.name + " " + c.callback.settings()).toList());
  }

  /// Whether somebody takes part, so that each step is told as soon as it is done.
  boolean takePart() {
    return !callbacks.isEmpty();
  }

  /// Whether somebody reads gradients before the update.
  boolean readGradients() {
    return callbacks.stream().anyMatch(control -> control.callback.readsGradients());
  }

  /// The product of the factors that callbacks have set.
  double rate() {
    double rate = 1;
    for (Control control : callbacks) {
      rate *= control.factor;
    }
    return rate;
  }

  /// Adds what callbacks have to remember.
  void state(SortedMap<String, JsonObject> parts) {
    for (Control control : callbacks) {
      var state = new TreeMap<String, Object>();
      state.put("rate", control.factor);
      state.put("state", control.guarded(control.callback::state));
      parts.put("callback " + control.name, plain(state));
    }
  }

  /// The object as it is when it is read again.
  static JsonObject plain(java.util.Map<String, ?> values) {
    return JsonObject.parse("a state", JsonText.of(values));
  }

  /// Goes on from a checkpoint.
  void restore(SortedMap<String, JsonObject> parts) {
    for (Control control : callbacks) {
      JsonObject part = parts.get("callback " + control.name);
      if (part != null) {
        control.factor = part.required("rate", JsonObject::number);
        JsonObject state = part.required("state", JsonObject::object);
        call(control, callback -> callback.restore(state));
      }
    }
  }

  // ---- what was asked for ----

  boolean stops() {
    return stop;
  }

  /// Whether an evaluation was asked for since the last time.
  boolean evaluates() {
    boolean asked = evaluate;
    evaluate = false;
    return asked;
  }

  /// Whether a checkpoint was asked for since the last time.
  boolean saves() {
    boolean asked = save;
    save = false;
    return asked;
  }

  // ---- what happens ----

  void planned(Supplier<MemoryPlan> plan) {
    tell(_ -> {}, l -> l.planned(plan));
  }

  void started(TrainingStart start) {
    tell(c -> c.callback.started(start, c), l -> l.started(start));
  }

  void epochStarted(long epoch) {
    tell(c -> c.callback.epochStarted(epoch, c), l -> l.epochStarted(epoch));
  }

  void stepStarted(long step) {
    tell(c -> c.callback.stepStarted(step, c), l -> l.stepStarted(step));
  }

  void partDone(long step, int part, int parts) {
    tell(c -> c.callback.partDone(step, part, parts, c), _ -> {});
  }

  /// @return whether the update is to be left out
  boolean gradientsReady(Gradients gradients) {
    skip = false;
    inGradients = true;
    try {
      tell(
          c -> {
            if (c.callback.readsGradients()) {
              c.callback.gradientsReady(gradients, c);
            }
          },
          _ -> {});
    } finally {
      inGradients = false;
    }
    return skip;
  }

  void updated(long step) {
    tell(c -> c.callback.updated(step, c), _ -> {});
  }

  void stepped(StepReport report) {
    tell(c -> c.callback.stepped(report, c), l -> l.stepped(report));
  }

  void evaluated(Evaluated evaluated) {
    tell(c -> c.callback.evaluated(evaluated, c), l -> l.evaluated(evaluated));
    if (evaluated.best()) {
      tell(c -> c.callback.best(evaluated, c), _ -> {});
    }
  }

  void tested(Tested tested) {
    tell(_ -> {}, l -> l.tested(tested));
  }

  void saving(long step) {
    tell(_ -> {}, l -> l.saving(step));
  }

  void saved(long step) {
    tell(c -> c.callback.saved(step, c), l -> l.saved(step));
  }

  void epochEnded(long epoch) {
    tell(c -> c.callback.epochEnded(epoch, c), l -> l.epochEnded(epoch));
  }

  /// Tells callbacks again what came after the state of a checkpoint was taken.
  void savedBefore(long step, boolean endOfEpoch, long epoch) {
    tell(c -> c.callback.saved(step, c), _ -> {});
    if (endOfEpoch) {
      tell(c -> c.callback.epochEnded(epoch, c), _ -> {});
    }
  }

  void finished(TrainingResult result) {
    tell(
        c -> {
          if (result.stopped()) {
            c.callback.interrupted(result);
          } else {
            c.callback.finished(result);
          }
        },
        l -> l.finished(result));
  }

  /// Tells of a failure; what goes wrong meanwhile is only logged.
  void failed(RuntimeException cause) {
    for (Control control : callbacks) {
      try {
        control.callback.failed(cause);
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING, control.name + " failed on hearing of a failure: " + e);
      }
    }
    tell(_ -> {}, l -> l.failed(cause));
  }

  private void tell(Consumer<Control> callback, Consumer<TrainingListener> listener) {
    for (Control control : callbacks) {
      control.guarded(() -> {
        callback.accept(control);
        return control;
      });
    }
    listeners.removeIf(one -> fails(one, listener));
  }

  private static void call(Control control, Consumer<TrainingCallback> event) {
    control.guarded(() -> {
      event.accept(control.callback);
      return control;
    });
  }

  private static boolean fails(TrainingListener one, Consumer<TrainingListener> event) {
    try {
      event.accept(one);
      return false;
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the listener %s is no longer called, since it failed: %s"
              .formatted(one.getClass().getName(), e));
      return true;
    }
  }

  /// A callback, and the run as it sees it.
  private final class Control implements TrainingControl {
    private final TrainingCallback callback;
    private final String name;
    private double factor = 1;

    Control(TrainingCallback callback, String name) {
      this.callback = callback;
      this.name = name;
    }

    <T> T guarded(java.util.function.Supplier<T> event) {
      try {
        return event.get();
      } catch (RuntimeException e) {
        throw new CallbackException(e);
      }
    }

    @Override
    public void stop() {
      stop = true;
    }

    @Override
    public void evaluateNow() {
      evaluate = true;
    }

    @Override
    public void saveNow() {
      save = true;
    }

    @Override
    public void skipUpdate() {
      if (!inGradients) {
        throw new IllegalStateException(
            "an update can be skipped in gradientsReady alone, before it is made");
      }
      skip = true;
    }

    @Override
    public void rate(double value) {
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("a factor of the rate is at least 0, not " + value);
      }
      factor = value;
    }
  }
}
