package dev.quintet.app.estimate;

import dev.quintet.core.instrument.Work;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// How fast a chip's kernels are reckoned to be: shares of what the chip reaches at its best. One table for all sizes and
/// chips; each line says what it rests on. Nothing in it was timed by this project.
///
/// @param chip the chip
/// @param peak operations a second that products' and attention's shares are of
/// @param bandwidth bytes a second that all other shares are of
/// @param shortest seconds that a kernel takes however little it does
/// @param gap seconds from one command of a graph to the next
/// @param efficiencies by what a command computes; [Work#COPY]'s holds too for bytes that products and attention wait for,
///     [Work#TRANSFER]'s is of the link to the host
public record SpeedTable(
    Chip chip,
    double peak,
    double bandwidth,
    double shortest,
    double gap,
    Map<Work, Efficiency> efficiencies) {

  // All shares of arithmetic are rates thought of on an H100 or H200, as a part of 790 TFLOP/s.
  private static final double REFERENCE = 790;

  // A small kernel of a graph takes 2 to 3 us; how 2.5 divides is a judgement with no
  // published figure behind it. The gap was set so that what a step of T5-base v1.1 has
  // besides products, attention, norms, gates and AdamW comes to the 1.2 ms reckoned for it by
  // hand.
  private static final double SHORTEST = 1.7e-6;
  private static final double GAP = 0.8e-6;

  // Products: 132 processors are busy to 0.94..1.00 with tiles of 128 x 256, 192 or 96 (the table
  // that
  // MatmulPlanTest prints), to 0.82 in weight gradients of the decoder's. Of that
  // hand-written kernels of Hopper's warpgroup instructions reach 0.85..0.95 of cuBLAS, or more:
  // 763 beside 716 TFLOP/s at 4096³, 808 beside 795 at 8192³ (github.com/pranjalssh/fast.cu).
  // With Ampere's instructions alone (mma.sync, cp.async) they end at 300..400 on an H100
  // (kapilsharma.dev, on CUTLASS, part 2).
  //
  // Narrower models have fewer steps along k to hide the ends of a tile behind, and fewer tiles:
  private static final double SMALL = 480 / REFERENCE; // D = 512, v1.0: H K = 512, F = 2048
  private static final double SMALL_GATED = 450 / REFERENCE; // v1.1: H K = 384, F = 1024
  private static final double BASE = 580 / REFERENCE; // D = 768: 12 steps of 64
  private static final double LARGE = 630 / REFERENCE; // D = 1024: 16 steps of 64

  // Attention, head width 64, 512 keys, H100: FlashAttention-3 reaches 333 TFLOP/s forward
  // (cuDNN 335, FlashAttention-2 282) and 272 backward (266, 198): figures of github.com/Dao-
  // AILab/flash-attention and of arXiv 2407.08608. A tenth less forward for the bias, a sixth
  // backward for its gradient too. They are taken for other lengths and chips as well.
  private static final double ATTENTION = 300 / REFERENCE;
  private static final double ATTENTION_BACKWARD = 230 / REFERENCE;

  // Norms, gates, loss, updates: of what a copy reaches. QuACK's norms keep 0.9 of an H100's
  // data sheet, torch.compile's 0.6 (the post named at Chip); 0.85 to 0.9 of a copy is what
  // hand-written kernels hold over a whole step.
  private static final double MEMORY = 0.88;

  /// Why, where an efficiency was measured.
  static final String MEASURED = "measured";

  /// Copies the map.
  public SpeedTable {
    efficiencies = Collections.unmodifiableMap(new EnumMap<>(efficiencies));
  }

  /// How much of its ceiling a kind of kernel reaches.
  ///
  /// @param share of it, above 0 and at most 1
  /// @param why what that rests on
  public record Efficiency(double share, String why) {}

  /// The table for a chip and a model.
  ///
  /// @param second whether the model is of v1.1
  public static SpeedTable of(Chip chip, ModelSize size, boolean second) {
    var table = new EnumMap<Work, Efficiency>(Work.class);
    for (Work work : Work.values()) {
      table.put(work, efficiency(work, chip, size, second));
    }
    return new SpeedTable(chip, chip.peak(), chip.bandwidth(), SHORTEST, GAP, table);
  }

  private static Efficiency efficiency(Work work, Chip chip, ModelSize size, boolean second) {
    return switch (work) {
      case PRODUCT ->
          new Efficiency(
              switch (size) {
                case SMALL -> second ? SMALL_GATED : SMALL;
                case BASE -> BASE;
                case LARGE -> LARGE;
              },
              "waves of tiles on "
                  + chip.processors()
                  + " processors, 85 to 95 % of cuBLAS's speed");
      case BIASED_ATTENTION, CAUSAL_ATTENTION, CROSS_ATTENTION ->
          new Efficiency(ATTENTION, "a tenth under FlashAttention-3 at 512 keys, for the bias");
      case BIASED_ATTENTION_BACKWARD, CAUSAL_ATTENTION_BACKWARD, CROSS_ATTENTION_BACKWARD ->
          new Efficiency(
              ATTENTION_BACKWARD, "a sixth under FlashAttention-3, for the bias and its gradient");
      case NORM, NORM_BACKWARD ->
          new Efficiency(MEMORY, "of a copy; QuACK's norms keep 0.9 of the data sheet");
      case GATE, GATE_BACKWARD, LOSS, UPDATE, GRADIENT_NORM, ELEMENTWISE, DROPOUT, COPY ->
          new Efficiency(MEMORY, "of a copy: each operand once");
      case EMBEDDING -> new Efficiency(MEMORY, "of a copy: whole rows");
      case TRANSFER -> new Efficiency(MEMORY, "of the link to the host");
    };
  }

  /// What these speeds take for granted and is not so.
  public Optional<String> remark() {
    return efficiency(Work.BIASED_ATTENTION_BACKWARD).why().equals(MEASURED)
        ? Optional.empty()
        : Optional.of(
            "Attention's backward is reckoned with five products for each pair of tiles, as others have it; Quintet's"
                + " kernels run seven, so that no sum depends on which block comes first");
  }

  /// The efficiency of what computes something.
  public Efficiency efficiency(Work work) {
    Efficiency found = efficiencies.get(work);
    if (found == null) {
      throw new IllegalArgumentException("the table of speeds has no line for " + work);
    }
    return found;
  }
}
