package dev.quintet.tokenizers.train;

import dev.quintet.tokenizers.normalize.AlignedBytes;
import dev.quintet.tokenizers.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.token.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// Sentences made ready for training: normalized, cut where symbols of their own stand, and with
/// rare characters taken out.
///
/// @param sentences the sentences as code points, with their counts
/// @param requiredChars the characters that become pieces whatever happens, most frequent first,
///     with their counts
public record Corpus(List<Counted> sentences, SequencedMap<Integer, Long> requiredChars) {

  /// Code points and how often they occur. The array is not copied.
  ///
  /// @param text the code points
  /// @param count how often
  @SuppressWarnings("ArrayRecordComponent")
  public record Counted(int[] text, long count) {}

  /// Most frequent first, then by code points, which is the order of their UTF-8.
  public static final Comparator<Counted> MOST_FREQUENT_FIRST =
      Comparator.comparingLong((Counted c) -> -c.count)
          .thenComparing(Counted::text, Arrays::compare);

  /// Prepares lines.
  ///
  /// @param lines the lines
  /// @param options the options
  /// @param normalizer normalizes each line
  /// @param metaPieces the symbols that no text gives, where sentences are cut
  /// @return the corpus
  public static Corpus prepare(
      Iterable<? extends CharSequence> lines,
      SentencePieceOptions options,
      SentencePieceNormalizer normalizer,
      Iterable<String> metaPieces) {
    Builder builder = new Builder(options, normalizer, trie(metaPieces));
    for (CharSequence line : lines) {
      if (!builder.add(Text.wellFormed(line))) {
        break;
      }
    }
    return builder.build();
  }

  private static ByteTrie trie(Iterable<String> strings) {
    Set<String> distinct = new HashSet<>();
    strings.forEach(distinct::add);
    List<byte[]> keys = distinct.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList();
    return ByteTrie.of(keys, new int[keys.size()]);
  }

  /// The words of the sentences, equal ones together, most frequent first.
  ///
  /// @param options say where words begin
  /// @return the words
  public List<Counted> words(SentencePieceOptions options) {
    Map<Key, Long> counts = new HashMap<>();
    for (Counted sentence : sentences) {
      for (int[] word : split(sentence.text, options)) {
        counts.merge(new Key(word), sentence.count, Long::sum);
      }
    }
    List<Counted> words = new ArrayList<>(counts.size());
    counts.forEach((word, count) -> words.add(new Counted(word.text, count)));
    words.sort(MOST_FREQUENT_FIRST);
    return words;
  }

  private record Key(int[] text, int hash) {
    Key(int[] text) {
      this(text, Arrays.hashCode(text));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key that && Arrays.equals(text, that.text);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /// Cuts before each space symbol, or after it.
  ///
  /// @param text the code points
  /// @param options say how
  /// @return the words
  public static List<int[]> split(int[] text, SentencePieceOptions options) {
    boolean suffix = options.on("treat_whitespace_as_suffix");
    boolean spacesTogether = options.on("allow_whitespace_only_pieces");
    List<int[]> words = new ArrayList<>();
    int start = 0;
    for (int i = 1; i < text.length; i++) {
      if (cutsBefore(text, i, suffix, spacesTogether)) {
        words.add(Arrays.copyOfRange(text, start, i));
        start = i;
      }
    }
    if (start < text.length) {
      words.add(Arrays.copyOfRange(text, start, text.length));
    }
    return words;
  }

  /// Whether a word begins at a place that is not the first.
  ///
  /// @param text the code points
  /// @param i the place
  /// @param suffix whether words carry their space at the end
  /// @param spacesTogether whether spaces in a row are one
  /// @return whether a word begins there
  public static boolean cutsBefore(int[] text, int i, boolean suffix, boolean spacesTogether) {
    boolean space = text[i] == PieceRules.SPACE;
    boolean afterSpace = text[i - 1] == PieceRules.SPACE;
    return suffix
        ? afterSpace && (!spacesTogether || !space)
        : space && (!spacesTogether || !afterSpace);
  }

  private static final class Builder {
    private final SentencePieceOptions options;
    private final SentencePieceNormalizer normalizer;
    private final ByteTrie metaPieces;
    private final int maxBytes;
    private final int limit;
    private final boolean tsv;
    private final List<String> texts = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();

    Builder(SentencePieceOptions options, SentencePieceNormalizer normalizer, ByteTrie meta) {
      this.options = options;
      this.normalizer = normalizer;
      this.metaPieces = meta;
      this.maxBytes = options.number("max_sentence_length");
      this.limit = options.number("input_sentence_size");
      this.tsv = options.text("input_format").equals("tsv");
      if (limit > 0 && options.on("shuffle_input_sentence")) {
        throw new IllegalArgumentException(
            "SentencePiece training: input_sentence_size is supported with"
                + " shuffle_input_sentence=false only");
      }
    }

    boolean add(String line) {
      String text = line;
      long count = 1;
      if (tsv) {
        int tab = line.indexOf('\t');
        if (tab < 0 || !line.substring(tab + 1).matches("[0-9]{1,18}")) {
          throw new IllegalArgumentException(
              "SentencePiece training: expected text, a tab and a count, got \"" + line + "\"");
        }
        text = line.substring(0, tab);
        count = Long.parseLong(line.substring(tab + 1));
      }
      if (!text.isEmpty()
          && text.indexOf(PieceRules.UNKNOWN) < 0
          && text.getBytes(StandardCharsets.UTF_8).length <= maxBytes) {
        texts.add(text);
        counts.add(count);
      }
      return limit == 0 || texts.size() < limit;
    }

    Corpus build() {
      List<Counted> sentences = normalized();
      SequencedMap<Integer, Long> required = requiredChars(sentences);
      for (Counted sentence : sentences) {
        int[] text = sentence.text;
        for (int i = 0; i < text.length; i++) {
          if (!required.containsKey(text[i])) {
            text[i] = PieceRules.UNKNOWN;
          }
        }
      }
      return new Corpus(sentences, required);
    }

    /// An empty sentence gives its place to the last one, which is not looked at again.
    private List<Counted> normalized() {
      List<Counted> sentences = new ArrayList<>(texts.size());
      for (int i = 0; i < texts.size(); i++) {
        sentences.add(new Counted(normalized(texts.get(i)), counts.get(i)));
      }
      for (int i = 0; i < sentences.size(); i++) {
        if (sentences.get(i).text.length == 0) {
          Counted last = sentences.removeLast();
          if (i < sentences.size()) {
            sentences.set(i, last);
          }
        }
      }
      return sentences;
    }

    private int[] normalized(String text) {
      AlignedBytes normal = normalizer.normalize(text.getBytes(StandardCharsets.UTF_8));
      byte[] bytes = normal.bytes();
      byte[] out = new byte[normal.size()];
      int size = 0;
      for (int i = 0; i < normal.size(); ) {
        int symbol = metaPieces.longest(bytes, i, normal.size());
        if (symbol == ByteTrie.NONE) {
          out[size++] = bytes[i++];
        } else {
          out[size++] = PieceRules.BOUNDARY;
          i = symbol;
        }
      }
      return new String(out, 0, size, StandardCharsets.UTF_8).codePoints().toArray();
    }

    private SequencedMap<Integer, Long> requiredChars(List<Counted> sentences) {
      Map<Integer, Long> found = new HashMap<>();
      long total = 0;
      for (Counted sentence : sentences) {
        for (int c : sentence.text) {
          if (c != 0 && c != ' ') {
            found.merge(c, sentence.count, Long::sum);
            total += sentence.count;
          }
        }
      }
      Set<Integer> demanded = new HashSet<>();
      options.text("required_chars").codePoints().filter(c -> c != 0).forEach(demanded::add);
      demanded.forEach(c -> found.putIfAbsent(c, 0L));
      List<Found> order = new ArrayList<>();
      found.forEach((c, count) -> order.add(new Found(c, count, demanded.contains(c))));
      order.sort(Comparator.comparing((Found f) -> !f.demanded).thenComparing(Found.MOST_FREQUENT));
      float coverage = options.fraction("character_coverage");
      boolean all = options.on("use_all_vocab");
      List<Found> taken = new ArrayList<>();
      long accumulated = 0;
      for (Found one : order) {
        if (!all && (float) (1.0 * accumulated / total) >= coverage) {
          break;
        }
        accumulated += one.count;
        if (one.codePoint != PieceRules.BOUNDARY) {
          taken.add(one);
        }
      }
      taken.sort(Found.MOST_FREQUENT);
      SequencedMap<Integer, Long> required = new LinkedHashMap<>();
      taken.forEach(one -> required.put(one.codePoint, one.count));
      return required;
    }
  }

  private record Found(int codePoint, long count, boolean demanded) {
    static final Comparator<Found> MOST_FREQUENT =
        Comparator.comparingLong((Found f) -> -f.count).thenComparingInt(f -> f.codePoint);
  }
}
