package dev.quintet.models.generate;

import dev.quintet.models.generate.GenerationConfig.EarlyStopping;
import java.util.Arrays;
import java.util.Optional;

/// Beam search over one batch, step for step as transformers does it (`_beam_search` of 4.57 and 5.18).
///
/// Each input follows K running sequences. Of their continuations the best 2 K (more with several end ids), or as many
/// drawn at random, are candidates: those that end go to the finished ones if they are among the first K, the others run
/// on.
final class BeamSearch {
  private final Decoding decoding;
  private final GenerationConfig config;
  private final BeamHypotheses[] inputs;
  private final int beams;

  BeamSearch(Decoding decoding, GenerationConfig config) {
    this.decoding = decoding;
    this.config = config;
    this.beams = config.beams();
    this.inputs = new BeamHypotheses[decoding.rows().length / beams];
    for (int input = 0; input < inputs.length; input++) {
      inputs[input] = new BeamHypotheses(config, decoding, input * beams);
    }
  }

  /// Searches in the current scope.
  Generator.Generated run() {
    int[] from = new int[decoding.rows().length];
    boolean going = decoding.rows()[0].length() < decoding.maxLength();
    while (going) {
      find();
      boolean late = decoding.ends().late();
      boolean allEnd = true;
      for (BeamHypotheses input : inputs) {
        allEnd &= input.advance(late, from);
      }
      decoding.reorder(from);
      going = !allEnd && goesOn();
    }
    return collect();
  }

  /// Has every input's continuations found, where the logits are if they can be.
  private void find() {
    float[] sums = new float[decoding.rows().length];
    for (BeamHypotheses input : inputs) {
      input.sums(sums);
    }
    int count = inputs[0].continuations();
    Optional<DeviceChoice.Best> best = decoding.best(sums, count);
    float[][] scores = best.isPresent() ? new float[0][] : decoding.scores();
    for (int input = 0; input < inputs.length; input++) {
      if (best.isPresent()) {
        inputs[input].take(best.get(), input * count);
      } else {
        inputs[input].find(scores);
      }
    }
  }

  private boolean goesOn() {
    boolean full = config.earlyStopping() == EarlyStopping.AS_SOON_AS_FULL;
    boolean open = false;
    for (BeamHypotheses input : inputs) {
      full &= input.full();
      open |= input.open();
    }
    return !full && open;
  }

  private Generator.Generated collect() {
    int returned = config.returned();
    int[][] sequences = new int[inputs.length * returned][];
    float[] scores = new float[sequences.length];
    for (int row = 0; row < sequences.length; row++) {
      BeamHypotheses input = inputs[row / returned];
      sequences[row] = input.finished(row % returned).ids();
      scores[row] = input.score(row % returned);
    }
    int[] lengths = Arrays.stream(sequences).mapToInt(ids -> ids.length).toArray();
    int longest = Arrays.stream(lengths).max().orElse(0);
    // Not the padding, as in greedy decoding, where that is 0: transformers writes `pad or eos`.
    int fill =
        config.padId() != 0 || config.eosIds().length == 0 ? config.padId() : config.eosIds()[0];
    for (int row = 0; row < sequences.length; row++) {
      sequences[row] = Arrays.copyOf(sequences[row], longest);
      Arrays.fill(sequences[row], lengths[row], longest, fill);
    }
    return new Generator.Generated(sequences, lengths, scores);
  }
}
