package dev.quintet.models.adapt.vocabulary;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.Surfaces;
import dev.quintet.tokenizers.compare.VocabularyMap;
import dev.quintet.tokenizers.dual.DualTokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;

/// What each row of a new vocabulary begins as: the mean of some old rows, a copy of one, or something that no old row
/// has a part in.
///
/// @param map the old rows of each new id; none where a row begins as `init` says
/// @param init what a row without old ones begins as: the mean of all, unless it is random or zero
/// @param seed of random rows, each of which is a function of the seed, the table's name and its id
/// @param copied ids with the row of the very same token
/// @param averaged ids with rows of tokens that they are cut into
/// @param fresh ids without old rows
/// @param unknown ids that the old tokenizer has nothing for, at least for a part: what stands there is the row of its
///     unknown token
public record RowPlan(
    VocabularyMap map, RowInit init, long seed, int copied, int averaged, int fresh, int unknown) {

  /// Plans the rows of a tokenizer.
  ///
  /// @param old the tokenizer that the rows were trained with
  /// @param now the tokenizer that rows are wanted for
  /// @param init what tokens begin as that only the new one has
  /// @param copies whether tokens of both keep their rows; else they begin as the others do, and only special tokens
  ///     keep theirs
  /// @param seed of random rows
  /// @throws IllegalArgumentException if one of them gives an id two meanings, as switch tokens do
  public static RowPlan of(Tokenizer old, Tokenizer now, RowInit init, boolean copies, long seed) {
    requireOneMeaning(old);
    requireOneMeaning(now);
    VocabularyMap transfer = VocabularyMap.transfer(old, now);
    Surfaces surfaces = Surfaces.of(old);
    BitSet special = special(now);
    int oldUnknown = old.unknownId().orElse(-1);
    int[] offsets = new int[transfer.newSize() + 1];
    int[] ids = new int[transfer.oldIds().length];
    int size = 0;
    int copied = 0;
    int averaged = 0;
    int unknown = 0;
    for (int id = 0; id < transfer.newSize(); id++) {
      int[] sources = transfer.sources(id);
      boolean lacks = contains(sources, oldUnknown) && id != now.unknownId().orElse(-1);
      boolean copy = sources.length == 1 && !lacks;
      boolean kept = copy && (copies || special.get(id));
      if (!kept && sources.length > 0) {
        sources =
            switch (init) {
              case FVT -> sources;
              case NEAREST -> new int[] {longest(sources, surfaces)};
              case MEAN, RANDOM, ZERO -> new int[0];
            };
      }
      copied += copy && sources.length == 1 ? 1 : 0;
      averaged += !copy && sources.length > 0 ? 1 : 0;
      unknown += contains(sources, oldUnknown) && lacks ? 1 : 0;
      System.arraycopy(sources, 0, ids, size, sources.length);
      size += sources.length;
      offsets[id + 1] = size;
    }
    return new RowPlan(
        new VocabularyMap(transfer.oldSize(), offsets, Arrays.copyOf(ids, size)),
        init,
        seed,
        copied,
        averaged,
        transfer.newSize() - copied - averaged,
        unknown);
  }

  /// The rows of a map, in which one without old rows becomes the mean of all.
  static RowPlan of(VocabularyMap map) {
    int copied = 0;
    int averaged = 0;
    for (int id = 0; id < map.newSize(); id++) {
      copied += map.count(id) == 1 ? 1 : 0;
      averaged += map.count(id) > 1 ? 1 : 0;
    }
    return new RowPlan(map, RowInit.FVT, 0, copied, averaged, map.newSize() - copied - averaged, 0);
  }

  private static void requireOneMeaning(Tokenizer tokenizer) {
    if (tokenizer.source() != tokenizer) {
      throw new IllegalArgumentException(
          "vocabulary switch: expected one vocabulary, got one for each side of a model; a model with two embeddings"
              + " cannot be switched yet: train it anew with the other tokenizers");
    }
    if (tokenizer instanceof DualTokenizer dual && dual.codeOffset() == 0) {
      throw new IllegalArgumentException(
          "vocabulary switch: in "
              + tokenizer
              + " an id stands for two tokens, told apart by switch tokens, so that no row can be made for it;"
              + " take Routing.ID_RANGES, which gives each its own");
    }
  }

  private static BitSet special(Tokenizer tokenizer) {
    var special = new BitSet();
    Surfaces surfaces = Surfaces.of(tokenizer);
    for (int id = 0; id < surfaces.size(); id++) {
      special.set(id, surfaces.isSpecial(id));
    }
    tokenizer.padId().ifPresent(special::set);
    tokenizer.eosId().ifPresent(special::set);
    OptionalInt sentinel = tokenizer.sentinelId(0);
    for (int i = 0; sentinel.isPresent(); sentinel = tokenizer.sentinelId(++i)) {
      special.set(sentinel.getAsInt());
    }
    return special;
  }

  private static boolean contains(int[] ids, int wanted) {
    for (int id : ids) {
      if (id == wanted) {
        return true;
      }
    }
    return false;
  }

  private static int longest(int[] sources, Surfaces surfaces) {
    int best = sources[0];
    for (int source : sources) {
      if (surfaces.text(source).length() > surfaces.text(best).length()) {
        best = source;
      }
    }
    return best;
  }
}
