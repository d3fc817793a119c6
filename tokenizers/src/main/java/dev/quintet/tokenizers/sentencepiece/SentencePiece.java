package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.sentencepiece.bpe.SentencePieceBpe;
import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Sample;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.normalize.AlignedBytes;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.sentencepiece.unigram.Paths;
import dev.quintet.tokenizers.sentencepiece.unigram.UnigramModel;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.random.RandomGenerator;

/// A SentencePiece model at work: normalizes a text, segments it, and turns pieces back into text.
///
/// Immutable; any number of threads may use it.
public final class SentencePiece {

  private final SentencePieceModel model;
  private final SentencePieceNormalizer normalizer;
  private final PieceSegmenter segmenter;
  private final PieceDecoder decoder;

  /// The model where it is one of these.
  private final Optional<UnigramModel> unigram;

  private final Optional<SentencePieceBpe> bpe;

  /// The id of each byte's piece; empty without byte fallback.
  private final int[] byteIds;

  /// The reference returns at most this many.
  private static final int MAX_BEST = 1024;

  /// Sums of scores that are nearer are taken as equal, as in the reference.
  private static final double EQUAL = 1e-7;

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
    ByteTrie userDefined = PieceSegmenter.trie(model, id -> model.type(id) == Type.USER_DEFINED);
    this.normalizer = normalizer(model, model.normalizer(), userDefined);
    Optional<SentencePieceNormalizer> denormalizer =
        model
            .denormalizer()
            .filter(spec -> spec.charsmap().length > 0)
            .map(spec -> normalizer(model, spec, PieceSegmenter.trie(model, _ -> false)));
    this.decoder = new PieceDecoder(model, denormalizer);
    this.segmenter = new PieceSegmenter(model, userDefined);
    this.unigram = segmenter.unigram();
    this.bpe = segmenter.bpe();
    this.byteIds = new int[model.byteFallback() ? 256 : 0];
    for (int id = 0; id < model.size() && byteIds.length > 0; id++) {
      if (model.type(id) == Type.BYTE) {
        byteIds[byteOf(model.piece(id))] = id;
      }
    }
    samples.forEach(this::check);
  }

  private SentencePiece(SentencePiece other, SentencePieceNormalizer normalizer) {
    this.model = other.model;
    this.normalizer = normalizer;
    this.segmenter = other.segmenter;
    this.decoder = other.decoder;
    this.unigram = other.unigram;
    this.bpe = other.bpe;
    this.byteIds = other.byteIds;
  }

  /// The same for texts in which U+2581 already marks the beginning of words, as T5's tokenizer in
  /// transformers takes them: a word that begins with the mark gets no other, a mark at the end
  /// stays, and all white space separates words. It matters where the model's rules leave U+2581 or
  /// white space in the text.
  ///
  /// @return one that differs in how texts are normalized
  public SentencePiece withMarkedWords() {
    return new SentencePiece(this, normalizer.withMarkedWords());
  }

  /// The byte of a piece such as `<0x0A>`.
  static int byteOf(String piece) {
    return Integer.parseInt(piece.substring(3, 5), 16);
  }

  private void check(Sample sample) {
    String got = String.join(" ", pieces(sample.inputBytes()));
    if (!sample.expects(got)
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

  /// The pieces of a text that may not be valid UTF-8; for what is unknown, its own normalized text.
  List<String> pieces(byte[] text) {
    Input input = new Input(text);
    return input.segmentation(segmenter.segment(input.normalized), 0).pieces();
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
    SentencePiece restricted = new SentencePiece(model.withVocabulary(wanted), List.of());
    return normalizer.marksWords() ? restricted.withMarkedWords() : restricted;
  }

  /// The same with the pieces in use that are frequent enough.
  ///
  /// @param file a piece and its frequency a line, with a tab between; without one it is taken as 1
  /// @param threshold how frequent a piece has to be
  /// @return one that gives the others to no text
  /// @throws java.io.UncheckedIOException when the file cannot be read
  /// @throws MalformedFileException when a frequency is not a number
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
    place(normalized, segmenter.segment(normalized), units, start, out);
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
    return input.segmentation(segmenter.segment(input.normalized), 0);
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
  /// @throws UnsupportedOperationException when this is not a unigram model
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
  /// @param random the source of randomness
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
  /// @param random the source of randomness
  /// @return the segmentation, as [#nBest] gives it
  /// @throws UnsupportedOperationException when this is not a unigram model
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
  /// @throws UnsupportedOperationException when this is not a unigram model
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

    /// A text whose pieces alone are wanted.
    Input(byte[] text) {
      this.units = new int[0];
      this.normalized = normalizer.normalize(text, true);
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
    Segments segments = segmenter.segment(normalized);
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
    return decoder.decode(ids, first);
  }
}
