package dev.quintet.benchmarks.step;

import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A model and a batch that are measured.
public enum StepSize {
  /// T5-small, 60.5 million parameters, dropout 0.1; 8 rows of 512 source and 64 target tokens.
  T5_SMALL(T5Config.small(), 8, 512, 64),

  /// The same with sources whose lengths are spread evenly from 32 to 512: about half of a padded batch is padding.
  T5_SMALL_SPREAD(T5Config.small(), 8, 32, 512, 64),

  /// The same with sources of 256: what half of the source's tokens cost where none is padding.
  T5_SMALL_HALF(T5Config.small(), 8, 256, 64),

  /// Three and three blocks of width 128, dropout 0.1; 32 rows of 128 source and 16 target tokens.
  THREE_LAYERS(T5Config.small().withWidths(128, 32, 4, 512).withLayers(3, 3), 32, 128, 16),

  /// What `./quintet demo` trains: width 96, 2 + 2 blocks, 0.9 million parameters, no dropout; 32 rows of 48
  /// source and 6 target tokens.
  DEMO(
      T5Config.small()
          .withVocabSize(4224)
          .withWidths(96, 24, 4, 384)
          .withLayers(2, 2)
          .withDropout(0),
      32,
      48,
      6);

  private final T5Config config;
  private final int rows;
  private final int shortest;
  private final int source;
  private final int target;

  StepSize(T5Config config, int rows, int source, int target) {
    this(config, rows, source, source, target);
  }

  StepSize(T5Config config, int rows, int shortest, int source, int target) {
    this.config = config;
    this.rows = rows;
    this.shortest = shortest;
    this.source = source;
    this.target = target;
  }

  /// The model's sizes.
  public T5Config config() {
    return config;
  }

  /// Tokens of a step, of sources and targets.
  public int tokens() {
    return IntStream.range(0, rows).map(this::source).sum() + rows * target;
  }

  /// Tokens of a row's source.
  private int source(int row) {
    return shortest + (source - shortest) * row / Math.max(1, rows - 1);
  }

  /// A batch of random ids, padded where its rows have several lengths.
  public Batch batch() {
    var random = new SplittableRandom(1);
    var examples = new ArrayList<Example>();
    for (int row = 0; row < rows; row++) {
      examples.add(new Example(ids(random, source(row)), ids(random, target)));
    }
    return Batch.of(examples, 0, config.padId());
  }

  private int[] ids(SplittableRandom random, int length) {
    return random.ints(length, 2, config.vocabSize()).toArray();
  }

  /// Floating-point operations of a step's matrix products, forward and backward; what a backward computes a second
  /// time does not count.
  public double flops() {
    double width = config.modelWidth();
    double inner = config.attentionWidth();
    double sources = 0;
    double pairs = 0;
    for (int row = 0; row < rows; row++) {
      sources += source(row);
      pairs += (double) source(row) * source(row);
    }
    double targets = (double) rows * target;
    double projection = width * inner;
    int matrices = config.feedForward().gated() ? 3 : 2;
    double feedForward = matrices * width * config.innerWidth();
    double encoder = sources * (4 * projection + feedForward) + 2 * pairs * inner;
    double decoder =
        targets * (6 * projection + feedForward)
            + sources * 2 * projection
            + 2 * target * (targets + sources) * inner;
    double head = targets * width * config.vocabSize();
    double multiplications =
        config.encoderLayers() * encoder + config.decoderLayers() * decoder + head;
    return 2 * 3 * multiplications; // one product forward, two backward
  }
}
