package dev.quintet.trainer.loop;

import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import java.util.Collections;
import java.util.List;

/// Training steps of a model as the loop takes them, with AdamW, of any sizes and without data: for measuring and for
/// counting.
///
/// A step of as many rows as the one before it is taken down at its second time where the device can do that, and repeated
/// from then on.
public final class SteadySteps implements AutoCloseable {
  private static final double RATE = 1e-3;

  private final T5 model;
  private final T5Learner learner;
  private final boolean repeats;
  private final Optimizer optimizer = AdamW.Options.DEFAULT.create();
  private final Updates updates;
  private Steps steps;
  private int rows;
  private long step;

  /// Steps of a model, on its device.
  ///
  /// @param model stays the caller's to close
  /// @param repeats whether steps are taken down; else they are called kernel by kernel
  public SteadySteps(T5 model, boolean repeats) {
    this.model = model;
    this.repeats = repeats;
    learner =
        new T5Learner(TextToText.of(model, ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES)));
    updates = new Updates(model.parameters(), optimizer, UpdateRule.decay(0.01), 1);
    steps = new Steps(learner, updates, rows, repeats);
  }

  /// A batch of rows without padding, all alike, whose tokens are spread over the vocabulary.
  ///
  /// @param rows B
  /// @param source S
  /// @param target T
  public Batch batch(int rows, int source, int target) {
    var example = new Example(tokens(source), tokens(target));
    int pad = model.config().padId();
    return Batch.of(Collections.nCopies(rows, example), pad, pad);
  }

  /// Takes a step of a batch. The first one makes gradients and moments, and asks for more than those after it.
  public Updates.Applied step(Batch batch) {
    if (batch.rows() != rows) {
      steps.close();
      rows = batch.rows();
      steps = new Steps(learner, updates, rows, repeats);
    }
    return steps.run(List.of(batch), 1, step++, RATE);
  }

  /// Whether steps are taken down and repeated.
  public boolean repeats() {
    return steps.captures();
  }

  private int[] tokens(int count) {
    int free = model.config().vocabSize() - 2; // 0 is padding, 1 the end
    var ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = 2 + (int) (i * 2654435761L % free);
    }
    return ids;
  }

  @Override
  public void close() {
    steps.close();
    updates.close();
    optimizer.close();
  }
}
