package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The mean cross entropy of examples that are not trained on.
public final class Evaluation {
  private final List<Batch> batches;
  private final long labels;

  /// Batches of like lengths, formed once.
  ///
  /// @param examples at least one
  /// @param rows rows of a batch
  /// @param pad id of the padding token
  public Evaluation(Examples examples, int rows, int pad) {
    List<Integer> order =
        IntStream.range(0, examples.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -examples.length(i)))
            .toList();
    batches = new ArrayList<>();
    for (int from = 0; from < order.size(); from += rows) {
      List<Example> part =
          order.subList(from, Math.min(order.size(), from + rows)).stream()
              .map(i -> examples.example(i, 0))
              .toList();
      batches.add(Batch.of(part, from, pad));
    }
    labels = batches.stream().mapToLong(Batch::labelTokens).sum();
  }

  /// The mean cross entropy over all labels that count; 0 if none does.
  public double loss(Learner learner, Device device) {
    double sum = 0;
    for (Batch batch : batches) {
      try (var _ = Scope.openWithoutGradients(device)) {
        sum += learner.loss(batch, Pass.inference(), 1).item();
      }
    }
    return labels == 0 ? 0 : sum / labels;
  }
}
