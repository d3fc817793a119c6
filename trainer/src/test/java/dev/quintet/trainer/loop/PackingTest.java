package dev.quintet.trainer.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Packing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("deferred")
class PackingTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void packedRowsHaveTheLossAndTheGradientsOfTheirPairs() {
    try (TextToText text = TinyText.model(0, 4)) {
      List<Example> pairs = TinyText.pairs(23, 2).encode(text.tokenizer(), 40, 24, 1);
      List<Example> packed = Packing.rows(pairs, 40, 24, 5);
      assertTrue(packed.size() < 10, packed.size() + " rows");
      for (boolean checkpointing : new boolean[] {false, true}) {
        text.model().checkpointing(checkpointing);
        Found alone = found(text, pairs);
        Found together = found(text, packed);
        assertEquals(alone.labels, together.labels);
        assertEquals(alone.loss, together.loss, TOLERANCE * alone.loss);
        alone.gradients.forEach((name, gradient) ->
            near(name, gradient, Objects.requireNonNull(together.gradients.get(name))));
      }
    }
  }

  @Test
  void aPairSeesNothingOfItsNeighbours() {
    try (TextToText text = TinyText.model(0, 4)) {
      List<Example> pairs = TinyText.pairs(3, 7).encode(text.tokenizer(), 40, 24, 1);
      Example other = new Example(new int[] {9, 8, 7, 1}, new int[] {1});
      var learner = new T5Learner(text);
      double before = loss(learner, Packing.joined(pairs));
      var changed = new ArrayList<>(pairs);
      changed.set(0, new Example(other.source(), pairs.get(0).target()));
      double first = loss(learner, Packing.joined(List.of(pairs.get(0))));
      double firstChanged = loss(learner, Packing.joined(List.of(changed.get(0))));
      double after = loss(learner, Packing.joined(changed));
      assertEquals(before - first, after - firstChanged, 1e-4);
    }
  }

  @Test
  void aPackedRunSaysHowManyRowsThereAreAndResumes(@TempDir Path folder) {
    var remarks = new ArrayList<String>();
    try (TextToText text = TinyText.model(0, 4)) {
      TrainingResult result =
          Trainer.of(text)
              .data(TinyText.pairs(40, 2), TinyText.pairs(6, 3))
              .maxLengths(40, 24)
              .packing(true)
              .batchSize(2)
              .steps(4)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void prepared(TrainingData data) {
                      remarks.addAll(data.remarks());
                    }
                  })
              .run(folder.resolve("out"));
      assertEquals(4, result.steps());
    }
    assertTrue(
        remarks.stream().anyMatch(line -> line.startsWith("training data: 40 pairs share ")),
        remarks.toString());
    try (TextToText text = TinyText.model(0, 4)) {
      Trainer unpacked =
          Trainer.of(text)
              .data(TinyText.pairs(40, 2), TinyText.pairs(6, 3))
              .maxLengths(40, 24)
              .batchSize(2)
              .steps(4)
              .resume();
      assertThrows(OtherRunException.class, () -> unpacked.run(folder.resolve("out")));
      Trainer running =
          Trainer.of(text).documents(List.of("red green blue"), List.of()).packing(true);
      assertThrows(IllegalArgumentException.class, () -> running.run(folder.resolve("other")));
    }
  }

  private record Found(int labels, double loss, Map<String, float[]> gradients) {}

  private static Found found(TextToText text, List<Example> rows) {
    var learner = new T5Learner(text);
    Batch batch = Batch.of(rows, 0, 0);
    text.model().zeroGradients();
    double loss;
    try (var _ = Scope.open(Device.cpu())) {
      Tensor mean = learner.loss(batch, Pass.training(9, 1, 0), batch.labelTokens());
      mean.backward();
      loss = mean.item();
    }
    var gradients = new TreeMap<String, float[]>();
    text.model()
        .parameters()
        .forEach((name, parameter) -> gradients.put(name, parameter.gradient().toFloats()));
    return new Found(batch.labelTokens(), loss, gradients);
  }

  private static double loss(Learner learner, Example row) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return learner.loss(Batch.of(List.of(row), 0, 0), Pass.inference(), 1).item();
    }
  }

  private static void near(String name, float[] wanted, float[] got) {
    double most = 0;
    double difference = 0;
    for (int i = 0; i < wanted.length; i++) {
      most = Math.max(most, Math.abs(wanted[i]));
      difference = Math.max(difference, Math.abs(wanted[i] - got[i]));
    }
    assertTrue(most > 0, name);
    assertEquals(0, difference / most, TOLERANCE, name);
  }
}
