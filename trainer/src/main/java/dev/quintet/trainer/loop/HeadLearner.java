package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5Encoder;
import dev.quintet.models.t5.T5EncoderDecoder;
import dev.quintet.models.t5.T5QuestionAnswerer;
import dev.quintet.models.t5.T5SequenceClassifier;
import dev.quintet.models.t5.T5TokenClassifier;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.head.TaskModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A model with a task's head, as a training loop sees it. Its losses do not depend on how rows are padded.
public final class HeadLearner implements Learner {
  private static final float FAR = -1e30f; // below any logit

  private final TaskModel task;
  private final Losses losses;

  /// Trains this model.
  ///
  /// @param task stays the caller's to close
  /// @param losses what the loss has beside the cross entropy
  public HeadLearner(TaskModel task, Losses losses) {
    this.task = task;
    this.losses = losses;
  }

  @Override
  public Module module() {
    return task.model();
  }

  @Override
  public boolean repeats() {
    return false; // where a row ends, and what its labels are, is read on the processor's side
  }

  @Override
  public Tensor loss(Batch batch, Pass pass, double normalizer) {
    Batch.Uploaded rows = batch.uploaded(startId());
    CrossEntropyOptions mean = losses.options(pass.training());
    CrossEntropyOptions options =
        pass.state()
            .map(state -> mean.withNormalizer(state))
            .orElseGet(() -> mean.withNormalizer(normalizer));
    return Scope.local(() -> loss(batch, rows, pass, options));
  }

  private Tensor loss(Batch batch, Batch.Uploaded rows, Pass pass, CrossEntropyOptions options) {
    return switch (task.model()) {
      case T5SequenceClassifier classifier ->
          classifier
              .logits(rows.inputIds(), rows.attentionMask(), pass)
              .crossEntropy(column(batch, 0), options);
      case T5TokenClassifier classifier ->
          classifier
              .logits(rows.inputIds(), rows.attentionMask(), pass)
              .crossEntropy(labels(batch), options);
      case T5QuestionAnswerer answerer -> {
        var spans = answerer.spansOfTokens(rows.inputIds(), rows.attentionMask(), pass);
        Tensor inside = inside(batch);
        yield spans
            .start()
            .add(inside)
            .crossEntropy(column(batch, 0), options)
            .add(spans.end().add(inside).crossEntropy(column(batch, 1), options));
      }
      case T5EncoderDecoder _, T5Encoder _ ->
          throw new IllegalStateException("a model without a head has no loss here");
    };
  }

  /// A label of each row.
  private static Tensor column(Batch batch, int at) {
    int[] labels = new int[batch.rows()];
    for (int row = 0; row < labels.length; row++) {
      labels[row] = batch.labels()[row * batch.targetLength() + at];
    }
    return Tensor.ofInts(Shape.of(labels.length), labels);
  }

  /// A label of each token, `[B, S]`.
  private static Tensor labels(Batch batch) {
    int[] labels = new int[batch.rows() * batch.sourceLength()];
    java.util.Arrays.fill(labels, Batch.IGNORE);
    int width = Math.min(batch.sourceLength(), batch.targetLength());
    for (int row = 0; row < batch.rows(); row++) {
      System.arraycopy(
          batch.labels(), row * batch.targetLength(), labels, row * batch.sourceLength(), width);
    }
    return Tensor.ofInts(Shape.of(batch.rows(), batch.sourceLength()), labels);
  }

  /// 0 for tokens, and far below for padding, which is no place for an answer.
  private static Tensor inside(Batch batch) {
    float[] inside = new float[batch.attentionMask().length];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = batch.attentionMask()[i] == 0 ? FAR : 0;
    }
    return Tensor.of(Shape.of(batch.rows(), batch.sourceLength()), inside);
  }

  @Override
  public int startId() {
    return task.model().config().startId();
  }

  @Override
  public Map<String, String> settings() {
    var settings = new LinkedHashMap<>(T5Learner.settings(task.model(), task.tokenizer()));
    if (!losses.equals(Losses.PLAIN)) {
      settings.put("losses", losses.toString());
    }
    settings.put("head", task.kind().key() + " " + task.labels());
    return settings;
  }

  @Override
  public void save(Path folder) {
    task.save(folder);
  }
}
