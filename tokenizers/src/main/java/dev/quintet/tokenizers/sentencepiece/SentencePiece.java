package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.bpe.SentencePieceBpe;
import dev.quintet.tokenizers.format.MalformedFileException;
import dev.quintet.tokenizers.format.NormalizerSpec;
import dev.quintet.tokenizers.format.SentencePieceModel;
import dev.quintet.tokenizers.format.SentencePieceModel.Sample;
import dev.quintet.tokenizers.format.SentencePieceModel.Type;
import dev.quintet.tokenizers.normalize.AlignedBytes;
import dev.quintet.tokenizers.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.token.Segments;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import dev.quintet.tokenizers.token.Utf8;
import dev.quintet.tokenizers.unigram.Paths;
import dev.quintet.tokenizers.unigram.UnigramModel;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/// A SentencePiece model at work: normalizes a text, segments it, and turns pieces back into text.
///
/// Immutable; any number of threads may use it.
public final class SentencePiece {

  private final SentencePieceModel model;
  private final SentencePieceNormalizer normalizer;
  private final Optional<SentencePieceNormalizer> denormalizer;
  private final Segmenter segmenter;

  /// The model where it is one of these.
  private final Optional<UnigramModel> unigram;

  private final Optional<SentencePieceBpe> bpe;

  /// The id of each byte's piece; empty without byte fallback.
  private final int[] byteIds;

  /// The byte of each id that is a byte's piece, else -1.
  private final short[] bytes;

  /// What the pieces stand for in UTF-8 one after the other, with spaces for U+2581; then [#WIDE]
  /// bytes more.
  private final byte[] surfaces;

  /// Where each piece's begins, and the end.
  private final int[] surfaceStarts;

  private final boolean[] startsWithSpace;

  /// As many bytes are copied for any shorter piece, as that needs no decision.
  private static final int WIDE = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /// The reference finds no more.
  private static final int MAX_BEST = 1024;

  /// Sums of scores that are nearer are taken as equal, as in the reference.
  private static final double EQUAL = 1e-7;

  private interface Segmenter {
    void segment(AlignedBytes text, Segments out);
  }

  /// Makes a model ready.
  ///
  /// @param model what its file says
  /// @throws MalformedFileException when its normalization rules are malformed, or a text of its
  ///     own gives other pieces than it says
  public SentencePiece(SentencePieceModel model) {
    this(model, model.samples());
  }

  private SentencePiece(SentencePieceModel model, List<Sample> samples) {
    this.model = model;
    ByteTrie userDefined = trie(model, id -> model.type(id) == Type.USER_DEFINED);
    this.normalizer = normalizer(model, model.normalizer(), userDefined);
    this.denormalizer =
        model
            .denormalizer()
            .filter(spec -> spec.charsmap().length > 0)
            .map(spec -> normalizer(model, spec, trie(model, _ -> false)));
    this.unigram =
        model.algorithm() == SentencePieceModel.Algorithm.UNIGRAM
            ? Optional.of(unigram(model))
            : Optional.empty();
    this.bpe =
        model.algorithm() == SentencePieceModel.Algorithm.BPE
            ? Optional.of(bpe(model, userDefined))
            : Optional.empty();
    this.segmenter = segmenter(userDefined);
    this.byteIds = new int[model.byteFallback() ? 256 : 0];
    this.bytes = new short[model.size()];
    this.surfaceStarts = new int[model.size() + 1];
    this.startsWithSpace = new boolean[model.size()];
    var texts = new ByteArrayOutputStream(8 * model.size());
    for (int id = 0; id < model.size(); id++) {
      bytes[id] = -1;
      String surface =
          switch (model.type(id)) {
            case CONTROL, BYTE -> "";
            case UNKNOWN -> model.unknownSurface();
            case NORMAL, USER_DEFINED, UNUSED -> model.piece(id).replace('▁', ' ');
          };
      texts.writeBytes(surface.getBytes(StandardCharsets.UTF_8));
      surfaceStarts[id + 1] = texts.size();
      startsWithSpace[id] = found(model.type(id)) && model.piece(id).startsWith("▁");
      if (model.type(id) == Type.BYTE) {
        bytes[id] = (short) Integer.parseInt(model.piece(id).substring(3, 5), 16);
        byteIds[bytes[id]] = id;
      }
    }
    texts.writeBytes(new byte[WIDE]);
    this.surfaces = texts.toByteArray();
    samples.forEach(this::check);
  }

  private void check(Sample sample) {
    String got = String.join(" ", encode(sample.input()).pieces());
    if (!got.equals(sample.expected())
        && (unigram.isEmpty() || !(Math.abs(score(got) - score(sample.expected())) < EQUAL))) {
      throw new MalformedFileException(
          model.name(),
          "self_test_data",
          "expected \""
              + sample.input()
              + "\" to give \""
              + sample.expected()
              + "\", got \""
              + got
              + "\"");
    }
  }

  private double score(String pieces) {
    double sum = 0;
    for (String piece : pieces.split(" ")) {
      sum += unigram.get().score(model.id(piece).orElse(model.unknown()));
    }
    return sum;
  }

  /// The same with fewer pieces in use (Sennrich et al.'s vocabulary restriction).
  ///
  /// @param wanted the pieces of more than one character that stay in use; user-defined and reserved
  ///     pieces always do
  /// @return one that gives the others to no text
  /// @throws UnsupportedOperationException when this is neither a unigram model nor BPE
  public SentencePiece withVocabulary(Set<String> wanted) {
    if (unigram.isEmpty() && bpe.isEmpty()) {
      throw unsupported("withVocabulary", "a unigram or a BPE model", model.algorithm());
    }
    return new SentencePiece(model.withVocabulary(wanted), List.of());
  }

  /// The same with the pieces in use that are frequent enough.
  ///
  /// @param file a piece and its frequency a line, with a tab between; without one it is taken as 1
  /// @param threshold how frequent a piece has to be
  /// @return one that gives the others to no text
  /// @throws java.io.UncheckedIOException when the file cannot be read
  /// @throws MalformedFileException when a frequency is no number
  /// @throws UnsupportedOperationException when this is neither a unigram model nor BPE
  public SentencePiece withVocabulary(Path file, long threshold) {
    Set<String> wanted = new HashSet<>();
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        int tab = line.indexOf('\t');
        if (tab < 0 ? threshold <= 1 : Long.parseLong(line.substring(tab + 1)) >= threshold) {
          wanted.add(tab < 0 ? line : line.substring(0, tab));
        }
      }
    } catch (NumberFormatException wrong) {
      throw new MalformedFileException(
          file.toString(), "line " + number, "expected a whole number after the tab");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return withVocabulary(wanted);
  }

  private static SentencePieceNormalizer normalizer(
      SentencePieceModel model, NormalizerSpec spec, ByteTrie kept) {
    try {
      return new SentencePieceNormalizer(spec, kept, model.whitespaceAsSuffix());
    } catch (IllegalArgumentException broken) {
      throw new MalformedFileException(
          model.name(), "normalizer_spec", "expected " + broken.getMessage());
    }
  }

  private static ByteTrie trie(SentencePieceModel model, IntPredicate wanted) {
    List<byte[]> keys = new ArrayList<>();
    int[] ids = texts(model, wanted, keys);
    return ByteTrie.of(keys, ids);
  }

  /// Adds the wanted pieces to `out`; gives their ids.
  private static int[] texts(SentencePieceModel model, IntPredicate wanted, List<byte[]> out) {
    int[] ids = new int[model.size()];
    for (int id = 0; id < model.size(); id++) {
      if (wanted.test(id)) {
        ids[out.size()] = id;
        out.add(model.piece(id).getBytes(StandardCharsets.UTF_8));
      }
    }
    return ids;
  }

  private static boolean found(Type type) {
    return switch (type) {
      case NORMAL, USER_DEFINED, UNUSED -> true;
      case UNKNOWN, CONTROL, BYTE -> false;
    };
  }

  private static UnigramModel unigram(SentencePieceModel model) {
    List<byte[]> texts = new ArrayList<>();
    int[] ids = texts(model, id -> found(model.type(id)) && model.type(id) != Type.UNUSED, texts);
    return new UnigramModel(model, texts, ids);
  }

  private static SentencePieceBpe bpe(SentencePieceModel model, ByteTrie userDefined) {
    return new SentencePieceBpe(
        model,
        trie(model, id -> found(model.type(id))),
        userDefined,
        trie(model, id -> !found(model.type(id))));
  }

  private Segmenter segmenter(ByteTrie userDefined) {
    if (unigram.isPresent()) {
      UnigramModel known = unigram.get();
      return (text, out) -> known.segment(text.bytes(), text.size(), text.isValid(), out);
    }
    if (bpe.isPresent()) {
      SentencePieceBpe known = bpe.get();
      return (text, out) -> known.segment(text.bytes(), text.size(), out);
    }
    // Where two pieces have one text, what is not found in texts comes first.
    ByteTrie ids = trie(model, id -> model.id(model.piece(id)).orElse(id) == id);
    int unknown = model.unknown();
    return model.algorithm() == SentencePieceModel.Algorithm.CHAR
        ? (text, out) -> characters(text.bytes(), text.size(), userDefined, ids, unknown, out)
        : (text, out) -> words(text.bytes(), text.size(), ids, unknown, out);
  }

  private static void characters(
      byte[] text, int size, ByteTrie userDefined, ByteTrie ids, int unknown, Segments out) {
    for (int at = 0; at < size; ) {
      int symbol = userDefined.longest(text, at, size);
      int end = symbol == ByteTrie.NONE ? at + Utf8.step(text, at, size) : symbol;
      int id = ids.find(text, at, end);
      out.add(id == ByteTrie.NONE ? unknown : id, end);
      at = end;
    }
  }

  /// A word begins at each U+2581.
  private static void words(byte[] text, int size, ByteTrie ids, int unknown, Segments out) {
    for (int at = 0; at < size; ) {
      int end = at + Utf8.step(text, at, size);
      while (end < size
          && !(text[end] == (byte) 0xE2
              && end + 2 < size
              && text[end + 1] == (byte) 0x96
              && text[end + 2] == (byte) 0x81)) {
        end += Utf8.step(text, end, size);
      }
      int id = ids.find(text, at, end);
      out.add(id == ByteTrie.NONE ? unknown : id, end);
      at = end;
    }
  }

  /// The model's description.
  ///
  /// @return what its file says
  public SentencePieceModel model() {
    return model;
  }

  /// Encodes a stretch of text.
  ///
  /// Neighbouring characters that no piece covers make one unknown token; with byte fallback each of
  /// their bytes is a token, of which all but a character's last are of no width.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where the stretch begins
  /// @param end where it ends
  /// @param out takes the tokens, with their places in `text`
  public void encode(String text, int start, int end, TokenBuffer out) {
    byte[] utf8 = text.substring(start, end).getBytes(StandardCharsets.UTF_8);
    int[] units = units(text, start, end, utf8.length);
    AlignedBytes normalized = normalizer.normalize(utf8, true);
    place(normalized, segment(normalized), units, start, out);
  }

  /// Makes tokens of segments, with their places in the text.
  private void place(
      AlignedBytes normalized, Segments segments, int[] units, int start, TokenBuffer out) {
    int begin = 0;
    boolean afterUnknown = false;
    for (int i = 0; i < segments.size(); i++) {
      int id = segments.id(i);
      int stop = segments.end(i);
      int from = unit(units, start, normalized.origin(begin));
      int to = unit(units, start, normalized.origin(stop));
      boolean unknown = id == model.unknown();
      if (unknown && byteIds.length > 0) {
        for (int b = begin; b < stop; b++) {
          out.add(byteIds[normalized.bytes()[b] & 0xFF], from, b + 1 == stop ? to : from);
        }
      } else if (unknown && afterUnknown) {
        int last = out.size() - 1;
        out.move(last, out.start(last), to);
      } else {
        out.add(id, from, to);
      }
      afterUnknown = unknown;
      begin = stop;
    }
  }

  /// Encodes a text.
  ///
  /// @param text the text
  /// @return its pieces, with a score of 0
  public Segmentation encode(CharSequence text) {
    Input input = new Input(text);
    return input.segmentation(segment(input.normalized), 0);
  }

  /// Changes pieces after encoding.
  ///
  /// @param text what was encoded
  /// @param pieces its pieces
  /// @param extras what to do, in this order
  /// @return the changed pieces
  /// @throws IllegalArgumentException when a mark is wanted that the model does not have
  public Segmentation with(CharSequence text, Segmentation pieces, List<Extra> extras) {
    Segmentation now = pieces;
    for (Extra extra : extras) {
      now =
          switch (extra) {
            case REVERSE -> now.reversed();
            case BOS -> now.inserted(0, mark("bos", model.bos()), model, 0);
            case EOS -> now.inserted(now.size(), mark("eos", model.eos()), model, text.length());
            case UNKNOWN_PIECE -> now.named(model.unknown(), model.piece(model.unknown()));
          };
    }
    return now;
  }

  private static int mark(String name, OptionalInt id) {
    return id.orElseThrow(
        () -> new IllegalArgumentException("with: expected a model with a piece for " + name));
  }

  /// The best segmentations of a text, best first; of equal ones in the order of the reference.
  ///
  /// @param text the text
  /// @param n how many at most, taken as 1 to 1024
  /// @return at least one, each with the sum of its pieces' scores; with 0 where only one was asked
  ///     for
  /// @throws UnsupportedOperationException when this is no unigram model
  public List<Segmentation> nBest(CharSequence text, int n) {
    UnigramModel known =
        unigram.orElseThrow(() -> unsupported("nBest", "a unigram model", model.algorithm()));
    if (n <= 1) {
      return List.of(encode(text));
    }
    Input input = new Input(text);
    List<Segmentation> best = new ArrayList<>();
    for (var one : input.all(known).best(Math.min(n, MAX_BEST))) {
      best.add(input.segmentation(one.pieces(), one.score()));
    }
    return best;
  }

  /// Draws a segmentation (subword regularization: Kudo 2018, arXiv 1804.10959; BPE-dropout:
  /// Provilkov et al. 2019, arXiv 1910.13267). The same numbers give the same segmentation.
  ///
  /// @param text the text
  /// @param alpha with unigram models the power of a segmentation's likelihood that its probability
  ///     is in proportion to, such as 0.1; with BPE how likely a merge is left out
  /// @param random where chance comes from
  /// @return the pieces; with unigram models with the logarithm of their probability
  /// @throws UnsupportedOperationException when this is neither a unigram model nor BPE
  public Segmentation sample(CharSequence text, double alpha, RandomGenerator random) {
    Input input = new Input(text);
    if (unigram.isPresent()) {
      var drawn = input.all(unigram.get()).sample(alpha, random);
      return input.segmentation(drawn.pieces(), drawn.score());
    }
    SentencePieceBpe known =
        bpe.orElseThrow(() -> unsupported("sample", "a unigram or a BPE model", model.algorithm()));
    Segments segments = new Segments();
    known.sample(input.normalized.bytes(), input.normalized.size(), alpha, random, segments);
    return input.segmentation(segments, 0);
  }

  /// Draws one of the best segmentations of a text.
  ///
  /// @param text the text
  /// @param n how many of the best, taken as 1 to 1024
  /// @param alpha the power of a segmentation's likelihood that its probability is in proportion to
  /// @param random where chance comes from
  /// @return the segmentation, as [#nBest] gives it
  /// @throws UnsupportedOperationException when this is no unigram model
  public Segmentation sampleBest(CharSequence text, int n, double alpha, RandomGenerator random) {
    List<Segmentation> best = nBest(text, n);
    double[] sums = new double[best.size()];
    double sum = 0;
    for (int i = 0; i < sums.length; i++) {
      sum += Math.exp(alpha * (best.get(i).score() - best.get(0).score()));
      sums[i] = sum;
    }
    double drawn = random.nextDouble() * sum;
    int i = 0;
    while (i + 1 < sums.length && sums[i] <= drawn) {
      i++;
    }
    return best.get(i);
  }

  /// The entropy of the distribution that [#sample] draws from.
  ///
  /// @param text the text
  /// @param alpha as there
  /// @return the entropy in nats
  /// @throws UnsupportedOperationException when this is no unigram model
  public double entropy(CharSequence text, double alpha) {
    UnigramModel known =
        unigram.orElseThrow(() -> unsupported("entropy", "a unigram model", model.algorithm()));
    return new Input(text).all(known).entropy(alpha);
  }

  private static UnsupportedOperationException unsupported(
      String operation, String expected, SentencePieceModel.Algorithm got) {
    return new UnsupportedOperationException(operation + ": expected " + expected + ", got " + got);
  }

  /// A text on its way to pieces.
  private final class Input {
    private final int[] units;
    private final AlignedBytes normalized;

    Input(CharSequence text) {
      String valid = Text.wellFormed(text);
      byte[] utf8 = valid.getBytes(StandardCharsets.UTF_8);
      this.units = units(valid, 0, valid.length(), utf8.length);
      this.normalized = normalizer.normalize(utf8, true);
    }

    Paths all(UnigramModel known) {
      return known.paths(normalized.bytes(), normalized.size());
    }

    Segmentation segmentation(Segments segments, float score) {
      TokenBuffer tokens = new TokenBuffer(segments.size());
      place(normalized, segments, units, 0, tokens);
      List<String> pieces = new ArrayList<>(tokens.size());
      int begin = 0;
      for (int i = 0; i < segments.size(); ) {
        int id = segments.id(i);
        int end = segments.end(i++);
        if (id != model.unknown()) {
          pieces.add(model.piece(id));
        } else if (byteIds.length > 0) {
          for (int b = begin; b < end; b++) {
            pieces.add(model.piece(byteIds[normalized.bytes()[b] & 0xFF]));
          }
        } else {
          while (i < segments.size() && segments.id(i) == id) {
            end = segments.end(i++);
          }
          pieces.add(new String(normalized.bytes(), begin, end - begin, StandardCharsets.UTF_8));
        }
        begin = end;
      }
      return new Segmentation(tokens.ids(), pieces, tokens.starts(), tokens.ends(), score);
    }
  }

  /// Encodes a text for callers who need no offsets.
  ///
  /// @param text the text, without lone surrogates
  /// @return the ids that [#encode] would give
  public int[] encodeToIds(String text) {
    AlignedBytes normalized = normalizer.normalize(text.getBytes(StandardCharsets.UTF_8), false);
    Segments segments = segment(normalized);
    return segments.contains(model.unknown()) ? withUnknown(normalized, segments) : segments.ids();
  }

  private int[] withUnknown(AlignedBytes normalized, Segments segments) {
    int most = byteIds.length > 0 ? normalized.size() : segments.size();
    int[] ids = new int[most];
    int size = 0;
    int begin = 0;
    boolean afterUnknown = false;
    for (int i = 0; i < segments.size(); i++) {
      int id = segments.id(i);
      int stop = segments.end(i);
      boolean unknown = id == model.unknown();
      if (unknown && byteIds.length > 0) {
        for (int b = begin; b < stop; b++) {
          ids[size++] = byteIds[normalized.bytes()[b] & 0xFF];
        }
      } else if (!unknown || !afterUnknown) {
        ids[size++] = id;
      }
      afterUnknown = unknown;
      begin = stop;
    }
    return Arrays.copyOf(ids, size);
  }

  private Segments segment(AlignedBytes normalized) {
    Segments segments = new Segments(normalized.size() / 3);
    segmenter.segment(normalized, segments);
    return segments;
  }

  /// For each byte the UTF-16 unit that it belongs to, and the end; empty where they are the same.
  private static int[] units(String text, int start, int end, int size) {
    if (size == end - start) {
      return new int[0];
    }
    int[] units = new int[size + 1];
    int at = 0;
    for (int i = start; i < end; ) {
      int c = text.codePointAt(i);
      int length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      for (int k = 0; k < length; k++) {
        units[at++] = i;
      }
      i += Character.charCount(c);
    }
    units[at] = end;
    return units;
  }

  private static int unit(int[] units, int start, int origin) {
    return units.length == 0 ? start + origin : units[origin];
  }

  /// Turns ids back into text.
  ///
  /// @param ids the ids
  /// @return the text
  /// @throws IllegalArgumentException when an id is out of range
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  /// Turns ids back into text.
  ///
  /// @param ids the ids
  /// @param first whether they begin a text, whose leading space was added
  /// @return the text
  /// @throws IllegalArgumentException when an id is out of range
  public String decode(int[] ids, boolean first) {
    NormalizerSpec spec = model.normalizer();
    boolean strips = spec.addDummyPrefix() || spec.removeExtraWhitespaces();
    byte[] out = new byte[8 * ids.length + WIDE];
    int size = 0;
    boolean atStart = first;
    boolean stripped = false;
    for (int i = 0; i < ids.length; i++) {
      int id = ids[i];
      if (id < 0 || id >= bytes.length) {
        throw new IllegalArgumentException(
            "decode: expected ids from 0 to " + (bytes.length - 1) + ", got " + id);
      }
      int from = surfaceStarts[id];
      int length = surfaceStarts[id + 1] - from;
      if (length == 0 && bytes[id] >= 0) {
        int end = endOfBytes(ids, i);
        byte[] run = run(ids, i, end);
        out = room(out, size, run.length);
        System.arraycopy(run, 0, out, size, run.length);
        size += run.length;
        i = end - 1;
        continue;
      }
      atStart &= !stripped && size == 0;
      stripped = false;
      if (atStart && strips && startsWithSpace[id]) {
        from++;
        length--;
        stripped = !spec.removeExtraWhitespaces();
      }
      out = room(out, size, Math.max(length, WIDE));
      if (length <= WIDE) {
        LONGS.set(out, size, (long) LONGS.get(surfaces, from));
        LONGS.set(out, size + 8, (long) LONGS.get(surfaces, from + 8));
      } else {
        System.arraycopy(surfaces, from, out, size, length);
      }
      size += length;
    }
    if (denormalizer.isEmpty() || denormalizer.get().leaves(out, size)) {
      return new String(out, 0, size, StandardCharsets.UTF_8);
    }
    AlignedBytes denormalized = denormalizer.get().normalize(Arrays.copyOf(out, size));
    return Utf8.decode(denormalized.bytes(), denormalized.size());
  }

  private static byte[] room(byte[] out, int size, int more) {
    return more <= out.length - size
        ? out
        : Arrays.copyOf(out, Math.max(Math.addExact(size, more), Math.addExact(size, size)));
  }

  private int endOfBytes(int[] ids, int start) {
    int end = start;
    while (end < ids.length && ids[end] >= 0 && ids[end] < bytes.length && bytes[ids[end]] >= 0) {
      end++;
    }
    return end;
  }

  /// The characters of a run of byte pieces; a byte that is part of none becomes U+FFFD.
  private byte[] run(int[] ids, int start, int end) {
    byte[] run = new byte[end - start];
    for (int i = start; i < end; i++) {
      run[i - start] = (byte) bytes[ids[i]];
    }
    return Utf8.decodeByteByByte(run, run.length).getBytes(StandardCharsets.UTF_8);
  }
}
