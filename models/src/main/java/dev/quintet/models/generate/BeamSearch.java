package dev.quintet.models.generate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.generate.GenerationConfig.EarlyStopping;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Beam search over one batch, step for step as transformers does it (`_beam_search` of 4.57 and 5.18).
///
/// Each input follows K running sequences. Of their continuations the best 2 K (more with several end ids)
/// are candidates: those that end go to the finished ones if they are among the best K, the others run on.
final class BeamSearch {
  private static final int PROMPT = 1;

  private final T5 model;
  private final GenerationConfig config;
  private final List<LogitsProcessor> processors;
  private final int beams;
  private final int maxLength;

  BeamSearch(T5 model, GenerationConfig config, List<LogitsProcessor> own) {
    this.model = model;
    this.config = config;
    this.processors = Processors.of(config, PROMPT, own);
    this.beams = config.beams();
    this.maxLength = config.maxLength(PROMPT);
  }

  /// Searches in the current scope.
  Generator.Generated run(Tensor inputIds, Tensor mask, int[][] sources) {
    var inputs = new ArrayList<BeamHypotheses>();
    for (int[] source : sources) {
      var start = new Sequence(source, new int[] {config.startId()}, maxLength);
      inputs.add(new BeamHypotheses(config, start, maxLength));
    }
    if (maxLength > PROMPT) {
      Tensor memory = model.encode(inputIds, mask, Pass.inference());
      DecoderCache cache = model.cache(memory, mask, maxLength - 1, beams);
      boolean going = true;
      while (going) {
        float[][] scores = scores(inputs, cache);
        int[] rows = new int[inputs.size() * beams];
        boolean allEnd = true;
        for (int b = 0; b < inputs.size(); b++) {
          float[][] own = Arrays.copyOfRange(scores, b * beams, (b + 1) * beams);
          allEnd &= inputs.get(b).advance(own);
          int[] from = inputs.get(b).origins();
          for (int k = 0; k < beams; k++) {
            rows[b * beams + k] = b * beams + from[k];
          }
        }
        cache.reorder(rows);
        going = !allEnd && goesOn(inputs);
      }
    }
    return collect(inputs);
  }

  private boolean goesOn(List<BeamHypotheses> inputs) {
    boolean full =
        config.earlyStopping() == EarlyStopping.AS_SOON_AS_FULL
            && inputs.stream().allMatch(BeamHypotheses::full);
    return !full && inputs.stream().anyMatch(BeamHypotheses::open);
  }

  /// The processed log-probabilities of every beam's next token.
  private float[][] scores(List<BeamHypotheses> inputs, DecoderCache cache) {
    var rows = inputs.stream().flatMap(input -> input.running().stream()).toList();
    int[] last = rows.stream().mapToInt(row -> row.id(row.length() - 1)).toArray();
    float[][] scores = new float[rows.size()][];
    try (var _ = Scope.open()) {
      Tensor ids = Tensor.ofInts(Shape.of(last.length, 1), last);
      Tensor logProbabilities = model.step(ids, cache).logSoftmax();
      for (int row = 0; row < scores.length; row++) {
        scores[row] = logProbabilities.slice(0, row, row + 1).toFloats();
        for (LogitsProcessor processor : processors) {
          processor.process(rows.get(row), scores[row]);
        }
      }
    }
    return scores;
  }

  private Generator.Generated collect(List<BeamHypotheses> inputs) {
    int returned = config.returned();
    int[][] sequences = new int[inputs.size() * returned][];
    float[] scores = new float[sequences.length];
    for (int row = 0; row < sequences.length; row++) {
      BeamHypotheses.Finished best = inputs.get(row / returned).finished().get(row % returned);
      sequences[row] = best.sequence().ids();
      scores[row] = best.score();
    }
    int longest = Arrays.stream(sequences).mapToInt(ids -> ids.length).max().orElse(0);
    // Not the padding, as in greedy decoding, where that is 0: transformers writes `pad or eos`.
    int fill =
        config.padId() != 0 || config.eosIds().length == 0 ? config.padId() : config.eosIds()[0];
    for (int row = 0; row < sequences.length; row++) {
      int length = sequences[row].length;
      sequences[row] = Arrays.copyOf(sequences[row], longest);
      Arrays.fill(sequences[row], length, longest, fill);
    }
    return new Generator.Generated(sequences, scores);
  }
}
