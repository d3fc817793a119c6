package dev.quintet.trainer.loop;

import java.util.List;

/// How a run ended.
///
/// @param steps steps done
/// @param stopped whether it was asked to stop before its end, by [Trainer#stopWhen]; a checkpoint was written
/// @param validation the validation losses in the order of steps; empty without validation data
/// @param bestStep after how many steps the validation loss was lowest; -1 without validation data, or where it was never
///     finite
/// @param optimizerBytes what the optimizer's state holds
/// @param tokens tokens trained on in this process, padding apart
/// @param seconds seconds spent in steps in this process
/// @param stepsHere steps done in this process
/// @param skippedHere those of them that changed nothing, since their loss or gradient was not finite
public record TrainingResult(
    long steps,
    boolean stopped,
    List<Validation> validation,
    long bestStep,
    long optimizerBytes,
    long tokens,
    double seconds,
    long stepsHere,
    long skippedHere) {

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

  /// One measurement of the validation loss.
  ///
  /// @param step steps done before it
  /// @param loss mean cross entropy over the labels that count
  public record Validation(long step, double loss) {}
}
