package dev.quintet.benchmarks.step;

import dev.quintet.benchmarks.contest.Work;
import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.t5.T5Config;

/// What a token takes, by the sizes of a model.
///
/// @param config the sizes
/// @param weights how its matrices are stored
record DecodingWork(T5Config config, Precision weights) {

  /// Of a token of a row: the decoder's weights are read once for all rows and beams of a step, the encoder's and those of the
  /// cross keys and values once for all steps of a call.
  ///
  /// @param rows of a batch
  /// @param beams of a row
  /// @param source tokens of a row's source
  /// @param tokens that are made of a row
  Work ofToken(int rows, int beams, int source, int tokens) {
    double encoder = config.encoderLayers() * layer(4).flops();
    double decoder = config.decoderLayers() * layer(6).flops() + head().flops();
    double crossing = config.decoderLayers() * crossing().flops();
    double flops = beams * decoder + (double) source / tokens * (encoder + crossing);
    return new Work(flops, step() / rows + onceForACall() / ((double) rows * tokens));
  }

  /// Bytes that a step reads.
  double step() {
    return config.decoderLayers() * layer(6).bytes() + head().bytes();
  }

  private double onceForACall() {
    return config.encoderLayers() * layer(4).bytes() + config.decoderLayers() * crossing().bytes();
  }

  /// @param projections between the model's width and the heads', of which each attention has four; two of cross attention's belong
  ///     to the source
  private Work layer(int projections) {
    int gates = config.feedForward().gated() ? 2 : 1;
    Work projection = matrix(config.attentionWidth(), config.modelWidth());
    Work in = matrix(config.innerWidth(), config.modelWidth());
    Work out = matrix(config.modelWidth(), config.innerWidth());
    return new Work(
        projections * projection.flops() + gates * in.flops() + out.flops(),
        projections * projection.bytes() + gates * in.bytes() + out.bytes());
  }

  private Work crossing() {
    Work projection = matrix(config.attentionWidth(), config.modelWidth());
    return new Work(2 * projection.flops(), 2 * projection.bytes());
  }

  private Work head() {
    return matrix(config.vocabSize(), config.modelWidth());
  }

  /// A product of one row with a matrix.
  private Work matrix(int rows, int columns) {
    double numbers = (double) rows * columns;
    return new Work(
        2 * numbers,
        weights == Precision.F32
            ? Float.BYTES * numbers
            : StoredForm.of(weights, rows, columns).bytes());
  }
}
