package dev.quintet.models.generate;

import dev.quintet.tokenizers.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Ends a sequence whose text has come to hold one of some strings: one that ends within the last token, which may go on
/// behind it (`StopStringCriteria` of transformers).
///
/// Texts are compared as bytes, so that a string is found whose letters are spread over several tokens.
final class StopStrings implements StopCondition {
  private static final String BEFORE = "abcdef";

  private final Tokenizer tokenizer;
  private final byte[][] strings;
  private final int[] before;
  private final Map<Integer, byte[]> texts = new HashMap<>();
  private byte[] tail = new byte[64];

  private StopStrings(Tokenizer tokenizer, List<String> strings) {
    this.tokenizer = tokenizer;
    this.strings =
        strings.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    this.before = tokenizer.encodeToIds(BEFORE, false);
  }

  /// The user's conditions, and one for the strings if the options have some.
  static List<StopCondition> added(Hooks hooks, GenerationConfig config) {
    List<String> strings = config.stopStrings();
    if (strings.isEmpty()) {
      return hooks.stops();
    }
    Tokenizer tokenizer =
        hooks
            .tokenizer()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "generation with stop_strings needs the tokenizer: use Generator.withTokenizer"
                        + " or TextToText"));
    var all = new ArrayList<>(hooks.stops());
    all.add(new StopStrings(tokenizer, strings));
    return all;
  }

  @Override
  public boolean stops(Sequence sequence) {
    int longest = 0;
    for (byte[] string : strings) {
      longest = Math.max(longest, string.length);
    }
    // The text behind which a string can begin, written from the end on; the last token counts
    // whole.
    int end = tail.length;
    int begin = end;
    int last = 0;
    for (int i = sequence.length() - 1; i >= 0 && end - begin < longest + last; i--) {
      byte[] text = texts.computeIfAbsent(sequence.id(i), this::text);
      if (text.length > begin) {
        int more = tail.length + text.length;
        byte[] larger = new byte[tail.length + more];
        System.arraycopy(tail, 0, larger, more, tail.length);
        tail = larger;
        begin += more;
        end += more;
      }
      begin -= text.length;
      System.arraycopy(text, 0, tail, begin, text.length);
      last = i == sequence.length() - 1 ? text.length : last;
    }
    for (byte[] string : strings) {
      for (int at = Math.max(begin, end - last - string.length + 1);
          at + string.length <= end;
          at++) {
        if (Arrays.equals(tail, at, at + string.length, string, 0, string.length)) {
          return true;
        }
      }
    }
    return false;
  }

  /// What a token adds to the text before it.
  private byte[] text(int id) {
    return TokenText.bytes(tokenizer, before, BEFORE, id);
  }
}
