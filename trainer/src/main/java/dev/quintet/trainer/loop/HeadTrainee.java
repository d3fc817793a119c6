package dev.quintet.trainer.loop;

import dev.quintet.models.t5.T5Family;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.head.HeadData;
import dev.quintet.trainer.head.TaskModel;
import java.util.Optional;

/// A model that learns by a task's head.
///
/// @param task model, tokenizer and labels
record HeadTrainee(TaskModel task) implements Trainee {

  @Override
  public T5Family model() {
    return task.model();
  }

  @Override
  public Tokenizer tokenizer() {
    return task.tokenizer();
  }

  @Override
  public void checkpointing(boolean on) {
    task.checkpointing(on);
  }

  @Override
  public EncodedPairs encoded(Pairs pairs, int maxSource, int maxTarget) {
    return HeadData.encoded(task.kind(), task.labels(), pairs, task.tokenizer(), maxSource);
  }

  @Override
  public Learner learner(Optional<Integer> maxTarget, Losses losses) {
    return new HeadLearner(task, losses);
  }

  @Override
  public Answerer answerer(Ask ask) {
    if (ask.options().isPresent() || ask.labels().isPresent()) {
      throw new IllegalArgumentException(
          "a head answers by itself: it neither generates nor ranks, so leave both out");
    }
    return task.answerer(ask.maxSource(), ask.rows());
  }
}
