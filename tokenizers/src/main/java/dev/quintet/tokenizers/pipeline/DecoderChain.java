package dev.quintet.tokenizers.pipeline;

import dev.quintet.tokenizers.huggingface.DecoderSpec;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns tokens into text by any decoders in turn, each of which takes a list of strings and gives
/// one. What the leading decoders do to a token whatever stands beside it is done once for each
/// token by [#prepare].
public final class DecoderChain {

  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

  /// What BERT's decoder takes back, in this order.
  private static final String[] CLEANED = {
    " .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m", " do not",
    " don't", " 's", "'s", " 've", "'ve", " 're", "'re"
  };

  /// Changes a list of strings.
  private interface Step {
    List<String> apply(List<String> tokens);
  }

  /// Changes one string.
  private interface Each {
    String apply(String token);
  }

  private final List<Each> leading = new ArrayList<>();
  private final List<Step> rest = new ArrayList<>();

  public DecoderChain(List<DecoderSpec> specs) {
    for (DecoderSpec spec : specs) {
      switch (spec) {
        case DecoderSpec.Replace(var pattern, var regex, var content) -> {
          Pattern compiled =
              Pattern.compile(pattern, regex ? Pattern.UNICODE_CHARACTER_CLASS : Pattern.LITERAL);
          add(
              regex
                  ? token -> replaceAll(compiled, token, content)
                  : token -> token.replace(pattern, content));
        }
        case DecoderSpec.Strip(var content, var start, var stop) ->
            add(token -> strip(token, content.codePointAt(0), start, stop));
        case DecoderSpec.ByteLevel() -> rest.add(DecoderChain::byteLevel);
        case DecoderSpec.ByteFallback() -> rest.add(DecoderChain::byteFallback);
        case DecoderSpec.Fuse() -> rest.add(tokens -> List.of(String.join("", tokens)));
        case DecoderSpec.Metaspace(var mark, var first) ->
            rest.add(tokens -> {
              List<String> out = new ArrayList<>(tokens.size());
              for (String token : tokens) {
                out.add(token.replace(mark, first && out.isEmpty() ? "" : " "));
              }
              return out;
            });
        case DecoderSpec.WordPiece(var prefix, var cleanup) ->
            rest.add(tokens -> wordPiece(tokens, prefix, cleanup));
        case DecoderSpec.EndOfWord(var suffix) -> rest.add(tokens -> endOfWord(tokens, suffix));
        case DecoderSpec.Ctc ctc -> rest.add(tokens -> ctc(tokens, ctc));
      }
    }
  }

  private void add(Each each) {
    if (rest.isEmpty()) {
      leading.add(each);
    } else {
      rest.add(tokens -> tokens.stream().map(each::apply).toList());
    }
  }

  public String prepare(String token) {
    String prepared = token;
    for (Each each : leading) {
      prepared = each.apply(prepared);
    }
    return prepared;
  }

  public String decode(List<String> prepared) {
    List<String> tokens = prepared;
    for (Step step : rest) {
      tokens = step.apply(tokens);
    }
    return String.join("", tokens);
  }

  /// Without the empty matches that the JDK takes right after a match and inside a surrogate pair.
  /// Nothing matches in an empty token, not even what matches the empty string.
  private static String replaceAll(Pattern pattern, String token, String content) {
    if (token.isEmpty()) {
      return token;
    }
    StringBuilder out = new StringBuilder();
    Matcher matcher = pattern.matcher(token);
    int done = 0;
    boolean any = false;
    while (matcher.find()) {
      int start = matcher.start();
      boolean empty = start == matcher.end();
      boolean inside =
          start > 0 && start < token.length() && Character.isLowSurrogate(token.charAt(start));
      if (!empty || !(inside || any && start == done)) {
        out.append(token, done, start).append(content);
        done = matcher.end();
        any = true;
      }
    }
    return out.append(token, done, token.length()).toString();
  }

  private static String strip(String token, int character, int start, int stop) {
    int from = 0;
    int width = Character.charCount(character);
    for (int i = 0; i < start && from < token.length(); i++) {
      if (token.codePointAt(from) != character) {
        break;
      }
      from += width;
    }
    int to = token.length();
    for (int i = 0; i < stop && to > from; i++) {
      if (token.codePointBefore(to) != character) {
        break;
      }
      to -= width;
    }
    return token.substring(from, to);
  }

  private static List<String> byteLevel(List<String> tokens) {
    var bytes = new ByteArrayOutputStream();
    for (String token : tokens) {
      bytes.writeBytes(bytesOf(token));
    }
    return List.of(Utf8.decode(bytes.toByteArray(), bytes.size()));
  }

  /// The bytes that a token's letters stand for; a token with any other character stands for
  /// itself, as in the reference.
  static byte[] bytesOf(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int value = ByteLetters.value(token.charAt(i));
      if (value < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) value;
    }
    return bytes;
  }

  /// The byte that a token such as `<0x0A>` stands for, or -1.
  static int byteOf(String token) {
    return token.length() == 6 && BYTE.matcher(token).matches()
        ? Integer.parseInt(token.substring(3, 5), 16)
        : -1;
  }

  /// What a run of bytes becomes: text if it is UTF-8, else U+FFFD for each.
  static String bytesAsText(byte[] bytes, int size) {
    String decoded = Utf8.decode(bytes, size);
    byte[] again = decoded.getBytes(StandardCharsets.UTF_8);
    boolean valid = Arrays.equals(again, 0, again.length, bytes, 0, size);
    return valid ? decoded : "\uFFFD".repeat(size);
  }

  private static List<String> byteFallback(List<String> tokens) {
    List<String> out = new ArrayList<>(tokens.size());
    var run = new ByteArrayOutputStream();
    for (String token : tokens) {
      int value = byteOf(token);
      if (value >= 0) {
        run.write(value);
        continue;
      }
      flush(run, out);
      out.add(token);
    }
    flush(run, out);
    return out;
  }

  private static void flush(ByteArrayOutputStream run, List<String> out) {
    if (run.size() > 0) {
      // Where it is not UTF-8 the reference adds one string for each byte.
      String text = bytesAsText(run.toByteArray(), run.size());
      if (text.equals("\uFFFD".repeat(run.size()))) {
        out.addAll(Collections.nCopies(run.size(), "\uFFFD"));
      } else {
        out.add(text);
      }
      run.reset();
    }
  }

  private static List<String> wordPiece(List<String> tokens, String prefix, boolean cleanup) {
    List<String> out = new ArrayList<>(tokens.size());
    for (String token : tokens) {
      String text = token;
      if (!out.isEmpty()) {
        text = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
      }
      out.add(cleanup ? cleaned(text) : text);
    }
    return out;
  }

  private static String cleaned(String text) {
    String cleaned = text;
    for (int i = 0; i < CLEANED.length; i += 2) {
      cleaned = cleaned.replace(CLEANED[i], CLEANED[i + 1]);
    }
    return cleaned;
  }

  private static List<String> endOfWord(List<String> tokens, String suffix) {
    List<String> out = new ArrayList<>(tokens.size());
    for (String token : tokens) {
      out.add(token.replace(suffix, out.size() == tokens.size() - 1 ? "" : " "));
    }
    return out;
  }

  private static List<String> ctc(List<String> tokens, DecoderSpec.Ctc ctc) {
    List<String> out = new ArrayList<>(tokens.size());
    String last = "";
    boolean any = false;
    for (String token : tokens) {
      if (any && token.equals(last)) {
        continue;
      }
      any = true;
      last = token;
      String text = token.replace(ctc.pad(), "");
      if (ctc.cleanup()) {
        text = cleaned(text).replace(ctc.wordDelimiter(), " ");
      }
      if (!text.isEmpty()) {
        out.add(text);
      }
    }
    return out;
  }
}
