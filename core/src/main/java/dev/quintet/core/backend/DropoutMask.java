package dev.quintet.core.backend;

/// Which elements a dropout drops: a function of (seed, step, site, row, element), stored nowhere.
///
/// Element e of row r is dropped when a 16-bit word of `Philox4x32-7` falls below p·65536. The word is
/// found so that it depends neither on the vector width nor on the padding:
///
/// - key: the two halves of `seed`;
/// - counter: (e / 64 · 8 + i, r's low 32 bits, low half of `site ^ mix(step)`, high half of it), with r the row in the
///   whole accumulated batch;
/// - within a block of 64 elements, e % 64 = 16 j + 2 i + h with j from 0 to 3, i from 0 to 7, h 0 or 1: counter
///   i yields four 32-bit words, of which word 2 (j / 2) + h is taken, its lower half for even j and
///   its upper half for odd j.
///
/// What is kept is scaled by 65536 / (65536 - threshold), so that the expectation is exact.
///
/// @param probability how likely an element is dropped, from 0 (inclusive) to 1 (exclusive)
/// @param seed the run's seed; not read where there is a state
/// @param step the optimizer step; not read where there is a state
/// @param site a hash of the module's path
/// @param firstRow the row of the accumulated batch that row 0 here is; added to the state's, where there is one
/// @param state address of a [RunState] in device memory, which kernels read seed, step and first row from; or 0
/// @param places address of int32 `[rows, 2]`, by which each row here is a (row, position) of the batch, where tokens lie
///     without padding; or 0
public record DropoutMask(
    float probability, long seed, long step, long site, long firstRow, long state, long places) {
  /// Drops nothing.
  public static final DropoutMask NONE = new DropoutMask(0, 0, 0, 0, 0);

  /// A mask of these numbers.
  public DropoutMask(float probability, long seed, long step, long site, long firstRow) {
    this(probability, seed, step, site, firstRow, 0, 0);
  }

  /// Checks the probability.
  ///
  /// @throws IllegalArgumentException if it is not from 0 to below 1
  public DropoutMask {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "a dropout probability is from 0 to below 1, not " + probability);
    }
  }

  /// Whether anything is dropped.
  public boolean active() {
    return threshold() > 0;
  }

  /// The 16-bit words below which elements are dropped: p·65536, rounded, but at most 65535.
  public int threshold() {
    return Math.min(Math.round(probability * 65536f), 65535);
  }

  /// The factor of what is kept.
  public float scale() {
    return 65536f / (65536 - threshold());
  }

  /// Counter words 2 and 3, as the low and high half: the site mixed with the step.
  public long stream() {
    long z = step * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return site ^ (z ^ (z >>> 31));
  }

  /// This mask for the rows from `row` on.
  public DropoutMask fromRow(long row) {
    return new DropoutMask(probability, seed, step, site, firstRow + row, state, places);
  }

  /// This mask at another site.
  public DropoutMask at(long otherSite) {
    return new DropoutMask(probability, seed, step, otherSite, firstRow, state, places);
  }

  /// This mask for rows that are tokens of a batch without padding.
  ///
  /// @param table address of int32 `[rows, 2]`: row and position of each
  public DropoutMask withPlaces(long table) {
    return new DropoutMask(probability, seed, step, site, firstRow, state, table);
  }

  /// This mask with the numbers that its state holds now: what kernels that run at once begin with.
  public DropoutMask resolved(Memory memory) {
    if (state == 0 || !active()) {
      return this;
    }
    RunState.Inputs now = new RunState(state).inputs(memory);
    return new DropoutMask(
        probability, now.seed(), now.step(), site, now.firstRow() + firstRow, 0, places);
  }
}
