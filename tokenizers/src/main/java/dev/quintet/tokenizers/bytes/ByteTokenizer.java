package dev.quintet.tokenizers.bytes;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.huggingface.TokenizerConfig;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// ByT5's tokenizer: a byte b is the id b + 3, after `<pad>` 0, `</s>` 1 and `<unk>` 2. Equal to
/// transformers' `ByT5Tokenizer`.
///
/// As there, `<pad>`, `</s>` and `<unk>` in a text are those tokens and take the white space around
/// them along, a text that ends in `</s>` gets no second one, and decoding leaves out bytes that are
/// not UTF-8.
public final class ByteTokenizer implements Tokenizer {

  /// Which ids are sentinels.
  public enum Sentinels {
    /// transformers' `<extra_id_i>`, 259 + i, found in texts too; a model has 384 rows.
    AFTER_BYTES,
    /// The ids that the released checkpoints were pre-trained with: those of the last bytes, 258 - i,
    /// up to i = 99. They are bytes too, so texts do not spell them, and the last eight, which no
    /// UTF-8 text holds, are the safest.
    LAST_BYTES
  }

  private static final int FIRST = 3;
  private static final int AFTER = FIRST + 256;
  private static final int LAST_BYTE_SENTINELS = 100;

  private final TokenizerConfig config;
  private final Sentinels sentinels;
  private final Map<Integer, AddedToken> byId = new HashMap<>();
  private final Map<String, AddedToken> byText = new HashMap<>();
  private final ByteTrie trie;
  private final int size;

  private ByteTokenizer(TokenizerConfig config) {
    this.config = config;
    this.sentinels = config.sentinelsAreLastBytes() ? Sentinels.LAST_BYTES : Sentinels.AFTER_BYTES;
    List<AddedToken> added = config.byT5Tokens();
    for (AddedToken token : added) {
      byId.put(token.id(), token);
      byText.put(token.content(), token);
    }
    this.trie =
        ByteTrie.of(
            added.stream().map(token -> token.content().getBytes(StandardCharsets.UTF_8)).toList(),
            added.stream().mapToInt(AddedToken::id).toArray());
    this.size = Math.max(AFTER, 1 + added.stream().mapToInt(AddedToken::id).max().orElse(-1));
  }

  /// Makes ByT5's tokenizer.
  ///
  /// @param sentinels which ids are sentinels
  /// @return the tokenizer
  public static ByteTokenizer of(Sentinels sentinels) {
    return of(TokenizerConfig.byT5(sentinels == Sentinels.LAST_BYTES));
  }

  /// Makes the tokenizer that a `tokenizer_config.json` of the class `ByT5Tokenizer` describes.
  ///
  /// @param config the configuration
  /// @return the tokenizer
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when an added token takes a byte's id
  public static ByteTokenizer of(TokenizerConfig config) {
    return new ByteTokenizer(config);
  }

  /// Which ids are sentinels.
  ///
  /// @return the convention
  public Sentinels sentinels() {
    return sentinels;
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    byte[] utf8 = whole.getBytes(StandardCharsets.UTF_8);
    TokenBuffer out = new TokenBuffer(utf8.length + 1);
    boolean takesSpace = false;
    // Where the gap before the next added token begins; bytes of gaps are put out at its end.
    int gap = 0;
    int gapUnit = 0;
    int unit = 0;
    for (int at = 0; at < utf8.length; ) {
      int end = trie.longest(utf8, at, utf8.length);
      if (end == ByteTrie.NONE) {
        int length = Utf8.step(utf8, at, utf8.length);
        unit += length == 4 ? 2 : 1;
        at += length;
        continue;
      }
      AddedToken token = added(trie.find(utf8, at, end));
      int endUnit = unit + token.content().length();
      int from = putGap(whole, gapUnit, unit, takesSpace, token.lstrip(), utf8, gap, out);
      out.add(token.id(), from, endUnit);
      at = end;
      unit = endUnit;
      gap = end;
      gapUnit = unit;
      takesSpace = token.rstrip();
    }
    putGap(whole, gapUnit, unit, takesSpace, false, utf8, gap, out);
    OptionalInt eos = eosId();
    if (addSpecialTokens
        && eos.isPresent()
        && (out.size() == 0 || out.id(out.size() - 1) != eos.getAsInt())) {
      out.add(eos.getAsInt(), 0, 0);
    }
    return new Encoding(out.ids(), out.starts(), out.ends());
  }

  private AddedToken added(int id) {
    AddedToken token = byId.get(id);
    if (token == null) {
      throw new IllegalStateException("ByteTokenizer: no token has the id " + id);
    }
    return token;
  }

  /// Writes the bytes between two added tokens, but for the white space that these take along.
  ///
  /// @return where the token after the gap begins in the text, with the white space that it takes
  private static int putGap(
      String text,
      int from,
      int to,
      boolean stripStart,
      boolean stripEnd,
      byte[] utf8,
      int gap,
      TokenBuffer out) {
    int start = from;
    int end = to;
    while (stripStart && start < end && isPythonSpace(text.charAt(start))) {
      start++;
    }
    if (stripStart && start > from && out.size() > 0) {
      int last = out.size() - 1;
      out.move(last, out.start(last), start);
    }
    while (stripEnd && end > start && isPythonSpace(text.charAt(end - 1))) {
      end--;
    }
    int at = gap;
    for (int i = from; i < end; ) {
      int length = Utf8.step(utf8, at, utf8.length);
      int next = i + (length == 4 ? 2 : 1);
      for (int k = 0; k < length && i >= start; k++) {
        out.add((utf8[at + k] & 0xFF) + FIRST, i, next);
      }
      at += length;
      i = next;
    }
    return end;
  }

  /// Python's `str.strip` takes four separators of ASCII for space too.
  private static boolean isPythonSpace(char c) {
    return Text.isSpace(c) || c >= 0x1C && c <= 0x1F;
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    byte[] bytes = new byte[Math.max(16, ids.length)];
    int count = 0;
    for (int id : ids) {
      AddedToken token = byId.get(id);
      if (token == null) {
        if (id >= FIRST && id < AFTER) {
          bytes = room(bytes, count, 1);
          bytes[count++] = (byte) (id - FIRST);
        }
      } else if (!(skipSpecialTokens && isSpecial(token))) {
        byte[] content = token.content().getBytes(StandardCharsets.UTF_8);
        bytes = room(bytes, count, content.length);
        System.arraycopy(content, 0, bytes, count, content.length);
        count += content.length;
      }
    }
    return Utf8.decodeValid(bytes, count);
  }

  private static byte[] room(byte[] bytes, int count, int more) {
    return count + more <= bytes.length
        ? bytes
        : Arrays.copyOf(bytes, Math.max(2 * bytes.length, count + more));
  }

  /// What transformers writes into a folder says that the tokens with a role are not special, but does not treat them so.
  private boolean isSpecial(AddedToken token) {
    Optional<String> content = Optional.of(token.content());
    return token.special()
        || content.equals(config.pad())
        || content.equals(config.eos())
        || content.equals(config.unknown());
  }

  @Override
  public int vocabularySize() {
    return size;
  }

  @Override
  public OptionalInt id(String token) {
    AddedToken found = byText.get(token);
    if (found != null) {
      return OptionalInt.of(found.id());
    }
    return token.length() == 1 && token.charAt(0) < 256
        ? OptionalInt.of(token.charAt(0) + FIRST)
        : OptionalInt.empty();
  }

  /// The token of an id; a byte's is the character of its number.
  @Override
  public String token(int id) {
    AddedToken found = byId.get(id);
    if (found == null && (id < FIRST || id >= AFTER)) {
      throw new IllegalArgumentException(
          "token: expected the id of a token, from 0 to " + (size - 1) + ", got " + id);
    }
    return found == null ? String.valueOf((char) (id - FIRST)) : found.content();
  }

  private OptionalInt role(Optional<String> token) {
    AddedToken found = byText.get(token.orElse(""));
    return found == null ? OptionalInt.empty() : OptionalInt.of(found.id());
  }

  @Override
  public OptionalInt padId() {
    return role(config.pad());
  }

  @Override
  public OptionalInt eosId() {
    return role(config.eos());
  }

  @Override
  public OptionalInt unknownId() {
    return role(config.unknown());
  }

  @Override
  public OptionalInt sentinelId(int i) {
    return switch (sentinels) {
      case AFTER_BYTES -> id("<extra_id_" + i + ">");
      case LAST_BYTES ->
          i >= 0 && i < LAST_BYTE_SENTINELS ? OptionalInt.of(AFTER - 1 - i) : OptionalInt.empty();
    };
  }

  /// Writes the tokenizer as `tokenizer_config.json`, which is all that transformers needs.
  @Override
  public void save(Path folder) {
    config.save(folder);
  }

  @Override
  public String toString() {
    return "ByteTokenizer[" + sentinels + ", " + size + " ids]";
  }
}
