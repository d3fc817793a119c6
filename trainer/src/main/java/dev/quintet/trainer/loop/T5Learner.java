package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Batch;
import java.nio.file.Path;

/// A T5 with its tokenizer, as a training loop sees it.
public final class T5Learner implements Learner {
  private final TextToText text;

  /// Trains this model; it stays the caller's to close.
  public T5Learner(TextToText text) {
    this.text = text;
  }

  @Override
  public Module module() {
    return text.model();
  }

  @Override
  public Tensor loss(Batch batch, Pass pass, double normalizer) {
    Shape sources = Shape.of(batch.rows(), batch.sourceLength());
    Tensor ids = Tensor.ofInts(sources, batch.inputIds());
    Tensor mask = Tensor.ofInts(sources, batch.attentionMask());
    Tensor labels = Tensor.ofInts(Shape.of(batch.rows(), batch.targetLength()), batch.labels());
    var options = CrossEntropyOptions.MEAN.withNormalizer(normalizer);
    // in a scope of its own, so that the tape alone holds the logits
    return Scope.local(() -> text.model().loss(ids, mask, labels, pass, options).loss());
  }

  @Override
  public void save(Path folder) {
    text.save(folder);
  }
}
