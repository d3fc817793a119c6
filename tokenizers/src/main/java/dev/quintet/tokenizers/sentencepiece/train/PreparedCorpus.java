package dev.quintet.tokenizers.sentencepiece.train;

import dev.quintet.tokenizers.sentencepiece.normalize.AlignedBytes;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.text.ByteTrie;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// Text made ready for training: normalized, cut where symbols of their own stand, and with rare
/// characters taken out.
///
/// @param words the words with their counts, most frequent first; or the sentences in their order,
///     where they are not cut
/// @param parts the strings in which seeds of a unigram model are looked for: how often each stands in
///     the text, which counts of sentences do not change; empty for other models
/// @param sentences the sentences, where more than the words is needed: for unigram models
/// @param requiredChars the characters that become pieces whatever happens, most frequent first,
///     with their counts
/// @param selfTests lines, byte for byte as they stand in the corpus, that were chosen at random for the model's self test
public record PreparedCorpus(
    Words words,
    Words parts,
    List<Sentence> sentences,
    SequencedMap<Integer, Long> requiredChars,
    List<byte[]> selfTests) {

  /// UTF-8 and how often it occurs. The array is not copied.
  ///
  /// @param text the text
  /// @param count how often
  @SuppressWarnings("ArrayRecordComponent")
  public record Sentence(byte[] text, long count) {}

  private static final byte[] UNKNOWN =
      Character.toString(PieceRules.UNKNOWN).getBytes(StandardCharsets.UTF_8);

  /// Prepares lines.
  ///
  /// @param lines the lines in UTF-8, without their line ends; read a second time only if so few
  ///     words begin with a space that `character_coverage` leaves the space itself out
  /// @param options the options
  /// @param normalizer normalizes each line
  /// @param metaPieces the symbols that no text gives, where sentences are cut
  /// @return the corpus
  public static PreparedCorpus prepare(
      Iterable<byte[]> lines,
      SentencePieceOptions options,
      SentencePieceNormalizer normalizer,
      Iterable<String> metaPieces) {
    ByteTrie meta = trie(metaPieces);
    String type = options.text("model_type");
    boolean wordsAlone =
        type.equals("bpe") && options.on("split_by_whitespace")
            || type.equals("word")
            || type.equals("char");
    if (wordsAlone) {
      Intake intake = read(lines, options, normalizer, meta, new Sink.Counting(Split.of(options)));
      Alphabet alphabet = intake.alphabet();
      if (alphabet.has(PieceRules.SPACE) || !alphabet.seen(PieceRules.SPACE)) {
        return intake.corpus(alphabet);
      }
    }
    Intake intake = read(lines, options, normalizer, meta, new Sink.Keeping());
    return intake.corpus(intake.alphabet());
  }

  /// A sentence without the delimiter of pieces (`pretokenization_delimiter`).
  ///
  /// @param text the sentence
  /// @param options say which delimiter
  /// @return the rest of it
  public static byte[] withoutDelimiter(byte[] text, SentencePieceOptions options) {
    return Delimiter.of(options).removed(text);
  }

  /// What stands between the delimiters of a sentence, empty parts too; all of it, where there are
  /// none.
  ///
  /// @param text the sentence
  /// @param options say which delimiter
  /// @return the parts as code points
  public static List<int[]> parts(byte[] text, SentencePieceOptions options) {
    List<int[]> parts = new ArrayList<>();
    Delimiter.of(options)
        .each(text, (from, to) -> parts.add(WellFormed.codePoints(text, from, to)));
    return parts;
  }

  private static Intake read(
      Iterable<byte[]> lines,
      SentencePieceOptions options,
      SentencePieceNormalizer normalizer,
      ByteTrie meta,
      Sink sink) {
    Intake intake = new Intake(options, normalizer, meta, sink);
    for (byte[] line : lines) {
      if (!intake.add(line)) {
        break;
      }
    }
    intake.finish();
    return intake;
  }

  private static ByteTrie trie(Iterable<String> strings) {
    Set<String> distinct = new HashSet<>();
    strings.forEach(distinct::add);
    List<byte[]> keys = distinct.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList();
    return ByteTrie.of(keys, new int[keys.size()]);
  }

  /// Where prepared sentences go.
  private sealed interface Sink {
    void add(byte[] text, int size, long count);

    /// Counts the words and forgets the sentences.
    record Counting(Split split, Words words) implements Sink {
      Counting(Split split) {
        this(split, new Words());
      }

      @Override
      public void add(byte[] text, int size, long count) {
        split.each(text, 0, size, (from, to) -> words.add(text, from, to, count));
      }
    }

    /// Keeps the sentences.
    record Keeping(List<Sentence> sentences) implements Sink {
      Keeping() {
        this(new ArrayList<>());
      }

      @Override
      public void add(byte[] text, int size, long count) {
        sentences.add(new Sentence(Arrays.copyOf(text, size), count));
      }
    }
  }

  /// Takes lines in.
  private static final class Intake {
    private final SentencePieceOptions options;
    private final SentencePieceNormalizer normalizer;
    private final ByteTrie meta;
    private final boolean[] metaBegins = new boolean[256];
    private final Sink sink;
    private final int maxBytes;
    private final int limit;
    private final boolean tsv;
    private final List<Sentence> sample = new ArrayList<>();
    private final Reservoir<Sentence> sampler;
    private final boolean sampling;
    private final List<byte[]> selfTests = new ArrayList<>();
    private final Reservoir<byte[]> selfTester;
    private long lines;
    private long taken;

    Intake(
        SentencePieceOptions options,
        SentencePieceNormalizer normalizer,
        ByteTrie meta,
        Sink sink) {
      this.options = options;
      this.normalizer = normalizer;
      this.meta = meta;
      this.sink = sink;
      this.maxBytes = options.number("max_sentence_length");
      this.limit = options.number("input_sentence_size");
      this.tsv = options.text("input_format").equals("tsv");
      this.sampling = limit > 0 && options.on("shuffle_input_sentence");
      int seed = options.number("random_seed");
      this.sampler = new Reservoir<>(sample, sampling ? limit : 0, seed);
      this.selfTester = new Reservoir<>(selfTests, options.number("self_test_sample_size"), seed);
      for (int b = 0; b < 256; b++) {
        metaBegins[b] = meta.child(ByteTrie.ROOT, b) != ByteTrie.NONE;
      }
    }

    /// Says whether more lines are wanted.
    boolean add(byte[] line) {
      lines++;
      byte[] text = line;
      long count = 1;
      if (tsv) {
        int tab = indexOf(line, (byte) '\t');
        text = tab < 0 ? line : Arrays.copyOf(line, tab);
        count = count(line, tab);
      }
      if (text.length == 0 || text.length > maxBytes || hasUnknown(text)) {
        return true;
      }
      if (options.number("self_test_sample_size") > 0) {
        selfTester.add(text);
      }
      taken++;
      if (sampling) {
        sampler.add(new Sentence(text, count));
        return true;
      }
      prepare(text, count);
      return limit == 0 || taken < limit;
    }

    private static int indexOf(byte[] line, byte wanted) {
      for (int i = 0; i < line.length; i++) {
        if (line[i] == wanted) {
          return i;
        }
      }
      return -1;
    }

    private long count(byte[] line, int tab) {
      String number =
          tab < 0
              ? ""
              : new String(line, tab + 1, line.length - tab - 1, StandardCharsets.UTF_8).strip();
      if (!number.matches("[+]?0*[1-9][0-9]{0,17}")) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected a text, a tab and a count of 1 or more in line "
                + lines
                + " of the tsv input, got \""
                + new String(line, StandardCharsets.UTF_8)
                + "\"");
      }
      return Long.parseLong(number);
    }

    private static boolean hasUnknown(byte[] text) {
      for (int i = 2; i < text.length; i++) {
        if (text[i] == UNKNOWN[2] && text[i - 1] == UNKNOWN[1] && text[i - 2] == UNKNOWN[0]) {
          return true;
        }
      }
      return false;
    }

    void finish() {
      for (Sentence sentence : sample) {
        prepare(sentence.text, sentence.count);
      }
      if (taken == 0) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected lines of 1 to "
                + maxBytes
                + " bytes (max_sentence_length), got none in "
                + lines
                + " lines");
      }
    }

    /// Empty sentences are kept: where they stand matters once, in [#dropEmpty].
    private void prepare(byte[] text, long count) {
      AlignedBytes normal = normalizer.normalize(text);
      byte[] bytes = normal.bytes();
      int size = 0;
      for (int i = 0; i < normal.size(); ) {
        int symbol =
            metaBegins[bytes[i] & 0xFF] ? meta.longest(bytes, i, normal.size()) : ByteTrie.NONE;
        if (symbol == ByteTrie.NONE) {
          bytes[size++] = bytes[i++];
        } else {
          bytes[size++] = PieceRules.BOUNDARY;
          i = symbol;
        }
      }
      sink.add(bytes, size, count);
    }

    Alphabet alphabet() {
      Alphabet alphabet = new Alphabet(options);
      switch (sink) {
        case Sink.Counting(_, Words words) -> {
          for (int w = 0; w < words.size(); w++) {
            alphabet.add(words.bytes(), words.start(w), words.end(w), words.count(w));
          }
        }
        case Sink.Keeping(List<Sentence> sentences) -> {
          dropEmpty(sentences);
          sentences.forEach(s -> alphabet.add(s.text, 0, s.text.length, s.count));
        }
      }
      alphabet.choose();
      return alphabet;
    }

    /// An empty sentence gives its place to the last one, which is not looked at again.
    private static void dropEmpty(List<Sentence> sentences) {
      for (int i = 0; i < sentences.size(); i++) {
        if (sentences.get(i).text.length == 0) {
          Sentence last = sentences.removeLast();
          if (i < sentences.size()) {
            sentences.set(i, last);
          }
        }
      }
    }

    PreparedCorpus corpus(Alphabet alphabet) {
      Delimiter delimiter = Delimiter.of(options);
      boolean unigram = options.text("model_type").equals("unigram");
      Words words =
          switch (sink) {
            case Sink.Counting(_, Words counted) -> words(counted, alphabet).sorted();
            case Sink.Keeping(List<Sentence> sentences) -> {
              if (!alphabet.hasAll()) {
                sentences.replaceAll(
                    s -> new Sentence(alphabet.withoutRare(s.text, 0, s.text.length), s.count));
              }
              yield words(sentences, unigram ? delimiter : Delimiter.NONE);
            }
          };
      List<Sentence> sentences =
          unigram && sink instanceof Sink.Keeping keeping ? keeping.sentences : List.of();
      return new PreparedCorpus(
          unigram ? words : delimiter.marked(words),
          unigram ? parts(sentences, delimiter) : words,
          sentences,
          alphabet.required(),
          List.copyOf(selfTests));
    }

    private static Words words(Words counted, Alphabet alphabet) {
      if (alphabet.hasAll()) {
        return counted;
      }
      Words words = new Words();
      for (int w = 0; w < counted.size(); w++) {
        byte[] text = alphabet.withoutRare(counted.bytes(), counted.start(w), counted.end(w));
        words.add(text, 0, text.length, counted.count(w));
      }
      return words;
    }

    private boolean splits() {
      return options.on("split_by_whitespace") || options.text("model_type").equals("word");
    }

    private Words words(List<Sentence> sentences, Delimiter delimiter) {
      Words words = new Words();
      Split split = Split.of(options);
      for (Sentence sentence : sentences) {
        byte[] text = delimiter.removed(sentence.text);
        if (splits()) {
          split.each(text, 0, text.length, (a, b) -> words.add(text, a, b, sentence.count));
        } else {
          words.append(text, 0, text.length, sentence.count);
        }
      }
      return splits() ? words.sorted() : words;
    }

    /// Sentences with counts of their own stand twice in the text, so that each of their parts is
    /// found twice, and their counts say nothing here.
    private Words parts(List<Sentence> sentences, Delimiter delimiter) {
      Words parts = new Words();
      Split split = Split.of(options);
      int times = tsv ? 2 : 1;
      for (Sentence sentence : sentences) {
        byte[] text = sentence.text;
        delimiter.each(
            text,
            (from, to) -> {
              if (splits()) {
                split.each(text, from, to, (a, b) -> parts.add(text, a, b, times));
              } else if (to > from) {
                parts.add(text, from, to, times);
              }
            });
      }
      return parts;
    }
  }
}
