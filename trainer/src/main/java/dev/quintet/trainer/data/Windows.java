package dev.quintet.trainer.data;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// What becomes of sources that are too long and have a [Passage]: it alone is cut, to its beginning, or into windows that
/// cover all of it, and what stands around it is whole in each.
///
/// Windows begin and end where words do, if there are words.
///
/// @param tokenizer counts tokens
/// @param most tokens of a source, the end token included
/// @param stride tokens that neighbouring windows have in common, or a half of a window where that is less; nothing for the
///     beginning alone
public record Windows(Tokenizer tokenizer, int most, OptionalInt stride) {

  /// Checks the stride.
  ///
  /// @throws IllegalArgumentException if it is negative
  public Windows {
    if (stride.isPresent() && stride.getAsInt() < 0) {
      throw new IllegalArgumentException(
          "neighbouring windows have 0 tokens or more in common, not " + stride.getAsInt());
    }
  }

  /// How many rows are longer than a model reads, and what becomes of them.
  ///
  /// @param rows how many there are
  /// @param longer how many of them are too long, and so are cut in their passage
  /// @param windows into how many they are cut
  /// @param withoutAnswer how many of the windows hold no right answer, and are not learned from
  /// @param rowsWithout how many rows have no window that does, and are left out
  public record Counts(int rows, int longer, int windows, int withoutAnswer, int rowsWithout) {}

  /// What is learned from.
  ///
  /// @param pairs rows, and windows of those that are too long
  /// @param rows the number of each one's row, ascending
  /// @param counts what became of them
  public record Learned(Pairs pairs, List<Integer> rows, Counts counts) {}

  /// Whether some of the samples may be cut in a passage.
  public static boolean concern(List<Sample> samples) {
    return samples.stream().anyMatch(sample -> sample.passage().isPresent());
  }

  /// The windows of each sample: itself, where it is short enough or has no passage.
  ///
  /// @param threads how many encode
  public List<List<Sample>> of(List<Sample> samples, int threads) {
    List<Encoding> encodings =
        tokenizer.encodeAll(samples.stream().map(Sample::source).toList(), threads);
    return IntStream.range(0, samples.size())
        .mapToObj(i -> of(samples.get(i), encodings.get(i)))
        .toList();
  }

  /// What is learned of samples: of those that are too long the windows that hold a right answer, which comes first among
  /// the answers; without a stride, each one's beginning.
  ///
  /// @param threads how many encode
  public Learned toLearn(List<Sample> samples, int threads) {
    List<List<Sample>> windows = of(samples, threads);
    var learned = new ArrayList<Sample>();
    var rows = new ArrayList<Integer>();
    int without = 0;
    int rowsWithout = 0;
    for (int i = 0; i < windows.size(); i++) {
      List<Sample> own = windows.get(i);
      boolean whole = own.getFirst() == samples.get(i);
      int before = learned.size();
      for (Sample window : own) {
        Optional<Sample> held =
            whole || stride.isEmpty() ? Optional.of(window) : withHeldFirst(window);
        held.ifPresent(learned::add);
        without += held.isPresent() ? 0 : 1;
      }
      rowsWithout += learned.size() == before ? 1 : 0;
      while (rows.size() < learned.size()) {
        rows.add(i);
      }
    }
    Counts all = counts(samples, windows);
    return new Learned(
        Pairs.ofSamples(learned),
        rows,
        new Counts(all.rows, all.longer, all.windows, without, rowsWithout));
  }

  /// How many samples are too long, of which all windows are looked at.
  public static Counts counts(List<Sample> samples, List<List<Sample>> windows) {
    int longer = 0;
    int all = 0;
    for (int i = 0; i < windows.size(); i++) {
      boolean whole = windows.get(i).getFirst() == samples.get(i);
      longer += whole ? 0 : 1;
      all += whole ? 0 : windows.get(i).size();
    }
    return new Counts(samples.size(), longer, all, 0, 0);
  }

  /// Of a sample's windows the one by which its loss is measured: the first that holds a right answer, or else the first.
  public static Sample scored(List<Sample> windows) {
    return windows.stream()
        .filter(window -> held(window).isPresent())
        .findFirst()
        .orElse(windows.getFirst());
  }

  /// A window with an answer that it holds before the others; nothing if it holds none.
  private static Optional<Sample> withHeldFirst(Sample window) {
    return held(window)
        .map(answer -> {
          var answers = new LinkedHashSet<>(List.of(answer));
          answers.addAll(window.answers());
          return new Sample(
              window.id(),
              window.source(),
              List.copyOf(answers),
              window.columns(),
              window.passage());
        });
  }

  /// The first of a window's answers that stands in its passage.
  private static Optional<String> held(Sample window) {
    String text = window.passage().map(passage -> passage.of(window.source())).orElse("");
    return window.answers().stream().filter(text::contains).findFirst();
  }

  private List<Sample> of(Sample sample, Encoding whole) {
    if (sample.passage().isEmpty() || whole.size() <= most) {
      return List.of(sample);
    }
    Passage passage = sample.passage().get();
    int[] inside =
        IntStream.range(0, whole.size())
            .filter(i -> whole.start(i) < passage.to() && whole.end(i) > passage.from())
            .toArray();
    // a text that is cut may have other tokens where it is, so that what comes out is counted again
    for (int room = most - (whole.size() - inside.length); room > 0; ) {
      List<Sample> windows = cut(sample, passage, whole, inside, room);
      int longest =
          windows.stream()
              .mapToInt(window -> tokenizer.encode(window.source()).size())
              .max()
              .orElse(0);
      if (longest <= most) {
        return windows;
      }
      room -= longest - most;
    }
    return List.of(window(sample, passage, passage.from(), passage.from()));
  }

  private List<Sample> cut(Sample sample, Passage passage, Encoding whole, int[] inside, int room) {
    String text = sample.source();
    var windows = new ArrayList<Sample>();
    for (int first = 0; ; ) {
      int behind = Math.min(inside.length, first + room);
      boolean last = behind == inside.length;
      if (!last) {
        behind = wordBefore(text, passage, whole, inside, first + (room + 1) / 2, behind);
      }
      int from = first == 0 ? passage.from() : whole.start(inside[first]);
      int to = last ? passage.to() : whole.start(inside[behind]);
      windows.add(window(sample, passage, Math.max(passage.from(), from), to));
      if (last || stride.isEmpty()) {
        return windows;
      }
      int common = Math.min(stride.getAsInt(), (behind - first) / 2);
      first = wordBefore(text, passage, whole, inside, first + 1, behind - common);
    }
  }

  /// The last token at which a word begins, up to a place; that place where none does from another on.
  private static int wordBefore(
      String text, Passage passage, Encoding whole, int[] inside, int least, int place) {
    for (int token = place; token >= least; token--) {
      int at = whole.start(inside[token]);
      if (at <= passage.from()
          || Character.isWhitespace(text.charAt(at))
          || Character.isWhitespace(text.charAt(at - 1))) {
        return token;
      }
    }
    return place;
  }

  private static Sample window(Sample sample, Passage passage, int from, int to) {
    String text = sample.source();
    int start = from;
    int end = to;
    while (start < end && start > passage.from() && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    while (end > start && end < passage.to() && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    int head = passage.from();
    return new Sample(
        sample.id(),
        text.substring(0, head) + text.substring(start, end) + text.substring(passage.to()),
        sample.answers(),
        sample.columns(),
        Optional.of(new Passage(head, head + end - start)));
  }
}
