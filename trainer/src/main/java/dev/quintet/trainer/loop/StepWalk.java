package dev.quintet.trainer.loop;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// Training steps of a model of any size as the loop takes them, with AdamW, on a device that computes nothing: what they
/// would ask of a real one, in a moment and in no memory.
public final class StepWalk implements AutoCloseable {
  private static final int TOKEN = 7;

  private final Dry dry = Dry.open();
  private final TextToText text;
  private final T5Learner learner;
  private final Optimizer optimizer = AdamW.Options.DEFAULT.create();
  private final Updates updates;
  private long step;

  /// A model without values.
  ///
  /// @param type of its parameters
  public StepWalk(T5Config config, DType type) {
    text =
        TextToText.of(
            new T5(config, (_, shape) -> Parameter.empty(shape, type, dry.device())),
            ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES));
    learner = new T5Learner(text);
    updates = new Updates(text.model().parameters(), optimizer, UpdateRule.decay(0.01), 1);
  }

  /// Takes a step of rows without padding. The first one makes gradients and moments, and asks for more than those after
  /// it.
  ///
  /// @param rows B
  /// @param source S
  /// @param target T
  /// @return what it asked for
  public Dry.Counts step(int rows, int source, int target) {
    var example = new Example(tokens(source), tokens(target));
    return step(Batch.of(Collections.nCopies(rows, example), 0, 0));
  }

  /// Takes a step of a batch.
  ///
  /// @return what it asked for
  public Dry.Counts step(Batch batch) {
    dry.reset();
    try (var steps = new Steps(learner, updates, batch.rows())) {
      steps.run(List.of(batch), 1, step++, 1e-3);
    }
    return dry.counts();
  }

  private static int[] tokens(int count) {
    var ids = new int[count];
    Arrays.fill(ids, TOKEN);
    return ids;
  }

  @Override
  public void close() {
    updates.close();
    optimizer.close();
    text.close();
  }
}
