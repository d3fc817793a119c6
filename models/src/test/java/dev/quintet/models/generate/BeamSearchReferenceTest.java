package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Beam search beside a plain one: no cache, no batch, one hypothesis a list of ids; as transformers since 4.50 has it.
class BeamSearchReferenceTest {
  private static final int EOS = 1;
  private static final double NEVER = -1e9;

  /// Normalising by a length that counts the start, finishing from candidates ranked below the beams, a wrong fill,
  /// processors on logits: each of them changes some of these.
  @Test
  void trap12BeamsFindWhatAPlainSearchFinds() {
    long seed = Long.getLong("quintet.seed", 12);
    var random = new Random(seed);
    for (int trial = 0; trial < 40; trial++) {
      try (T5 model = T5.create(TinyModels.v11(24).withLayers(1, 1), trial, Device.cpu())) {
        GenerationConfig config =
            GenerationConfig.of(model.config())
                .with("num_beams", 2 + random.nextInt(4))
                .with("max_length", 4 + random.nextInt(12))
                .with("length_penalty", List.of(1.0, 0.0, 2.0, -1.0, 0.5).get(random.nextInt(5)))
                .with("early_stopping", List.of(false, true, "never").get(random.nextInt(3)));
        config = config.with("num_return_sequences", 1 + random.nextInt(config.beams()));
        if (random.nextBoolean()) {
          config = config.with("repetition_penalty", 1.7);
        }
        int[] input = new int[2 + random.nextInt(5)];
        Arrays.setAll(input, i -> 2 + random.nextInt(22));
        input[input.length - 1] = EOS;
        int[][] mask = {new int[input.length]};
        Arrays.fill(mask[0], 1);
        var found = Generator.of(model).generateScored(new int[][] {input}, mask, config);
        List<Hypothesis> expected = search(model, input, config).subList(0, config.returned());
        String what = "seed " + seed + ", trial " + trial + ": " + config;
        int longest = expected.stream().mapToInt(h -> h.ids.size()).max().orElseThrow();
        for (int i = 0; i < config.returned(); i++) {
          int[] ids = new int[longest];
          Arrays.fill(ids, EOS); // behind the end, too: padding 0 counts as none there
          for (int t = 0; t < expected.get(i).ids.size(); t++) {
            ids[t] = expected.get(i).ids.get(t);
          }
          assertArrayEquals(ids, found.sequences()[i], what);
          assertEquals(expected.get(i).score, found.scores()[i], 1e-4, what);
        }
      }
    }
  }

  private record Hypothesis(double score, List<Integer> ids) {}

  private static List<Hypothesis> search(T5 model, int[] input, GenerationConfig config) {
    int beams = config.beams();
    int most = config.maxLength(1);
    double penalty = config.lengthPenalty();
    boolean early = config.earlyStopping() == GenerationConfig.EarlyStopping.AS_SOON_AS_FULL;
    boolean never = config.earlyStopping() == GenerationConfig.EarlyStopping.WHEN_IMPOSSIBLE;
    var running = new ArrayList<>(List.of(new Hypothesis(0, List.of(0))));
    var finished = new ArrayList<Hypothesis>();
    for (int length = 1; ; length++) {
      var candidates = new ArrayList<Hypothesis>();
      for (Hypothesis one : running) {
        double[] scores = scores(model, input, one.ids, config);
        for (int id = 0; id < scores.length; id++) {
          var ids = new ArrayList<>(one.ids);
          ids.add(id);
          candidates.add(new Hypothesis(one.score + scores[id], ids));
        }
      }
      candidates.sort(Comparator.comparingDouble(h -> -h.score));
      List<Hypothesis> best = candidates.subList(0, Math.min(2 * beams, candidates.size()));
      boolean full = finished.size() == beams;
      running.clear();
      for (int rank = 0; rank < best.size(); rank++) {
        Hypothesis one = best.get(rank);
        if (one.ids.getLast() == EOS || one.ids.size() == most) {
          if (rank < beams && !(early && full)) {
            finished.add(new Hypothesis(one.score / Math.pow(length, penalty), one.ids));
          }
        } else if (running.size() < beams) {
          running.add(one);
        }
      }
      finished.sort(Comparator.comparingDouble(h -> -h.score));
      while (finished.size() > beams) {
        finished.removeLast();
      }
      if (running.isEmpty() || early && finished.size() == beams) {
        return finished;
      }
      int ahead = never && penalty > 0 ? most - 1 : length;
      double hope = running.getFirst().score / Math.pow(ahead, penalty);
      double least = finished.size() < beams ? NEVER : finished.getLast().score;
      if (!(hope > least)) {
        return finished;
      }
    }
  }

  /// The logarithms of the probabilities, of which the penalty then takes its share.
  private static double[] scores(
      T5 model, int[] input, List<Integer> ids, GenerationConfig config) {
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      int[] ones = new int[input.length];
      Arrays.fill(ones, 1);
      Tensor mask = TinyModels.ints(new int[][] {ones});
      Tensor memory = model.encode(TinyModels.ints(new int[][] {input}), mask, Pass.inference());
      int[] before = ids.stream().mapToInt(id -> id).toArray();
      Tensor states =
          model.decode(TinyModels.ints(new int[][] {before}), memory, mask, Pass.inference());
      float[] all = model.logits(states).logSoftmax().toFloats();
      double[] scores = new double[model.config().vocabSize()];
      for (int id = 0; id < scores.length; id++) {
        scores[id] = all[all.length - scores.length + id];
      }
      ids.stream()
          .distinct()
          .forEach(id ->
              scores[id] *=
                  scores[id] < 0 ? config.repetitionPenalty() : 1 / config.repetitionPenalty());
      return scores;
    }
  }
}
