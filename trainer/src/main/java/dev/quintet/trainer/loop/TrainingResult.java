package dev.quintet.trainer.loop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// How a run ended.
///
/// @param steps steps done
/// @param stopped whether it was asked to stop before its end, by [Trainer#stopWhen]; a checkpoint was written
/// @param validation the evaluations in the order of steps; empty without validation data
/// @param bestStep after how many steps the model was best; -1 without validation data, or where no score was ever finite
/// @param optimizerBytes what the optimizer's state holds
/// @param tokens tokens trained on in this process, padding apart
/// @param seconds seconds spent in steps in this process
/// @param stepsHere steps done in this process
/// @param skippedHere those of them that changed nothing, since their loss or gradient was not finite
/// @param end why it ended
/// @param test what the best model made of the test part; nothing where there is none, or the run was stopped
public record TrainingResult(
    long steps,
    boolean stopped,
    List<Validation> validation,
    long bestStep,
    long optimizerBytes,
    long tokens,
    double seconds,
    long stepsHere,
    long skippedHere,
    End end,
    Optional<Tested> test) {

  /// Copies the losses.
  public TrainingResult {
    validation = List.copyOf(validation);
  }

  /// Tokens a second in this process.
  public double tokensPerSecond() {
    return seconds > 0 ? tokens / seconds : 0;
  }

  /// Steps a second in this process.
  public double stepsPerSecond() {
    return seconds > 0 ? stepsHere / seconds : 0;
  }

  /// One evaluation.
  ///
  /// @param step steps done before it
  /// @param loss mean cross entropy over the labels that count
  /// @param scores of answers by the metrics' names; empty where nothing was answered
  public record Validation(long step, double loss, SequencedMap<String, Double> scores) {

    /// Copies the scores.
    public Validation {
      scores = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scores));
    }

    /// The loss alone.
    public Validation(long step, double loss) {
      this(step, loss, new LinkedHashMap<>());
    }
  }

  /// Why a run ended.
  public enum End {
    /// All steps are done.
    COMPLETE,
    /// No evaluation had made progress for long.
    NO_PROGRESS,
    /// A callback ended it.
    CALLBACK,
    /// It was asked to stop; resuming goes on.
    STOPPED
  }
}
