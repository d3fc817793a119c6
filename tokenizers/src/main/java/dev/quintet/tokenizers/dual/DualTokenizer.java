package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Two tokenizers in one: natural language goes to the first, code to the second, and both have
/// their ids in one space.
///
/// A [Router] says what is code. The language tokenizer's ids stay as they are, its special tokens
/// pad and end, and its sentinels are found in code too. The code tokenizer's ids are told apart by
/// [Routing].
///
/// Decoding gives back what was encoded, letter for letter, whenever the code tokenizer does so for
/// its parts: by default the language tokenizer gets only what it gives back exactly itself, and what
/// it would lose (line ends, indentation, characters not in its vocabulary) goes to the code
/// tokenizer. A text that the language tokenizer does not change has the ids that it gives.
/// [#withExactness] turns this off: then every part of natural language is encoded as it is, and loses
/// what its tokenizer loses. Ids that some model wrote decode part by part, whatever their order.
///
/// ```java
/// var t5 = Tokenizer.load(Path.of("t5-small"));
/// var java = Tokenizer.load(Path.of("java-bpe.json"));
/// var dual = DualTokenizer.of(t5, java);
/// dual.encode("Explain:\n```java\nint i = 0;\n```\n");
/// ```
public final class DualTokenizer implements Tokenizer {

  /// How ids say which tokenizer they belong to.
  public enum Routing {
    /// The code tokenizer's ids are moved after the language tokenizer's.
    ID_RANGES,
    /// Both have their own ids, and a token of its own stands wherever it changes from one to the
    /// other. A text begins in natural language, and returns to it before its end token. This saves
    /// rows of an embedding, but an id's meaning depends on what stands before it.
    SWITCH_TOKENS
  }

  private static final String LANGUAGE = "language";
  private static final String CODE = "code";
  private static final String TO_LANGUAGE = "<to_language>";
  private static final String TO_CODE = "<to_code>";

  private final Tokenizer language;
  private final Tokenizer code;
  private final Router router;
  private final Routing routing;
  private final int offset;
  private final boolean exact;
  private final Sentinels sentinels;
  private final int[] before;
  private final int[] after;

  private DualTokenizer(
      Tokenizer language,
      Tokenizer code,
      Router router,
      Routing routing,
      int offset,
      boolean exact) {
    if (routing == Routing.ID_RANGES && offset < language.vocabularySize()) {
      throw new IllegalArgumentException(
          "DualTokenizer: expected an offset of at least the language tokenizer's "
              + language.vocabularySize()
              + " ids, got "
              + offset);
    }
    this.language = language;
    this.code = code;
    this.router = router;
    this.routing = routing;
    this.offset = offset;
    this.exact = exact;
    this.sentinels = new Sentinels(language);
    int[] template = language.encodeToIds("", true);
    OptionalInt eos = language.eosId();
    boolean ends =
        template.length > 0 && eos.isPresent() && template[template.length - 1] == eos.getAsInt();
    this.before = Arrays.copyOf(template, template.length - (ends ? 1 : 0));
    this.after = ends ? new int[] {eos.getAsInt()} : new int[0];
  }

  /// Joins two tokenizers: fenced blocks are code, and the code tokenizer's ids follow directly on
  /// the language tokenizer's.
  ///
  /// @param language for natural language; its special tokens are those of the whole
  /// @param code for code
  /// @return the tokenizer
  public static DualTokenizer of(Tokenizer language, Tokenizer code) {
    return new DualTokenizer(
        language, code, Router.fences(), Routing.ID_RANGES, language.vocabularySize(), true);
  }

  /// This tokenizer with another rule for what is code.
  ///
  /// @param rule the rule
  /// @return the tokenizer
  public DualTokenizer withRouter(Router rule) {
    return new DualTokenizer(language, code, rule, routing, offset, exact);
  }

  /// This tokenizer with another place for the code tokenizer's ids, such as 32128, where T5's
  /// embedding ends; ids are then told apart by their range.
  ///
  /// @param first what is added to the code tokenizer's ids
  /// @return the tokenizer
  /// @throws IllegalArgumentException when the language tokenizer's ids reach beyond it
  public DualTokenizer withCodeOffset(int first) {
    return new DualTokenizer(language, code, router, Routing.ID_RANGES, first, exact);
  }

  /// This tokenizer with other means of telling ids apart.
  ///
  /// @param means the means
  /// @return the tokenizer
  public DualTokenizer withRouting(Routing means) {
    return switch (means) {
      case ID_RANGES -> withCodeOffset(language.vocabularySize());
      case SWITCH_TOKENS -> new DualTokenizer(language, code, router, means, 0, exact);
    };
  }

  /// This tokenizer with or without its care for what the language tokenizer would lose.
  ///
  /// @param on whether such parts go to the code tokenizer
  /// @return the tokenizer
  public DualTokenizer withExactness(boolean on) {
    return new DualTokenizer(language, code, router, routing, offset, on);
  }

  /// Reads what [#save] wrote.
  ///
  /// @param folder the folder
  /// @return the tokenizer
  /// @throws MalformedFileException when a file breaks a rule, or the router was a custom one
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static DualTokenizer load(Path folder) {
    DualSpec spec = DualSpec.read(folder.resolve(DualSpec.FILE));
    Router router =
        switch (spec.router()) {
          case "fences" -> Router.fences();
          case "markers" -> Router.markers(spec.markers().get(0), spec.markers().get(1));
          case "code" -> Router.code();
          case "language" -> Router.language();
          default ->
              throw new MalformedFileException(
                  folder.resolve(DualSpec.FILE).toString(),
                  "/router",
                  "a custom router is not stored in the file: pass it to DualTokenizer.load");
        };
    return load(folder, router, spec);
  }

  /// Reads what [#save] wrote, with a custom router.
  ///
  /// @param folder the folder
  /// @param router says what is code, whatever the file says
  /// @return the tokenizer
  /// @throws MalformedFileException when a file breaks a rule
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static DualTokenizer load(Path folder, Router router) {
    return load(folder, router, DualSpec.read(folder.resolve(DualSpec.FILE)));
  }

  private static DualTokenizer load(Path folder, Router router, DualSpec spec) {
    Tokenizer language = Tokenizer.load(folder.resolve(LANGUAGE));
    Tokenizer code = Tokenizer.load(folder.resolve(CODE));
    if (!spec.switchTokens()
        && (spec.codeOffset() < language.vocabularySize()
            || (long) spec.codeOffset() + code.vocabularySize() > Integer.MAX_VALUE)) {
      throw new MalformedFileException(
          folder.resolve(DualSpec.FILE).toString(),
          "/code_offset",
          "expected at least "
              + language.vocabularySize()
              + ", the language tokenizer's size, got "
              + spec.codeOffset());
    }
    return new DualTokenizer(
        language,
        code,
        router,
        spec.switchTokens() ? Routing.SWITCH_TOKENS : Routing.ID_RANGES,
        spec.codeOffset(),
        spec.exact());
  }

  @Override
  public Encoding encode(CharSequence text, boolean addSpecialTokens) {
    String whole = Text.wellFormed(text);
    TokenBuffer out = new TokenBuffer(whole.length() / 3 + 2);
    if (addSpecialTokens) {
      add(before, out);
    }
    boolean inCode = false;
    for (Cut cut : cuts(whole)) {
      if (cut.code() != inCode && routing == Routing.SWITCH_TOKENS) {
        out.add(switchTo(cut.code()), cut.start(), cut.start());
      }
      inCode = cut.code();
      Tokenizer tokenizer = inCode ? code : language;
      Encoding part = tokenizer.encode(whole.substring(cut.start(), cut.end()), false);
      int shift = inCode ? offset : 0;
      for (int i = 0; i < part.size(); i++) {
        out.add(part.id(i) + shift, part.start(i) + cut.start(), part.end(i) + cut.start());
      }
    }
    if (addSpecialTokens && after.length > 0) {
      if (inCode && routing == Routing.SWITCH_TOKENS) {
        out.add(switchTo(false), whole.length(), whole.length());
      }
      add(after, out);
    }
    return new Encoding(out.ids(), out.starts(), out.ends());
  }

  private static void add(int[] ids, TokenBuffer out) {
    for (int id : ids) {
      out.add(id, 0, 0);
    }
  }

  private List<Cut> cuts(String text) {
    CodeSpans spans = router.route(text);
    CutList rough = new CutList();
    int at = 0;
    for (int i = 0; i < spans.size(); i++) {
      if (spans.end(i) > text.length()) {
        throw new IllegalArgumentException(
            "DualTokenizer: expected code within a text of "
                + text.length()
                + " units from its router, got "
                + spans.start(i)
                + " to "
                + spans.end(i));
      }
      rough.add(at, spans.start(i), false);
      sentinels.addCode(text, spans.start(i), spans.end(i), rough);
      at = spans.end(i);
    }
    rough.add(at, text.length(), false);
    if (!exact) {
      return rough.list();
    }
    CutList cuts = new CutList();
    ExactCutter cutter = new ExactCutter(language, text, sentinels, cuts);
    for (Cut cut : rough.list()) {
      if (cut.code()) {
        cuts.add(cut.start(), cut.end(), true);
      } else {
        cutter.add(cut.start(), cut.end());
      }
    }
    return cuts.list();
  }

  private int switchTo(boolean toCode) {
    return Math.max(language.vocabularySize(), code.vocabularySize()) + (toCode ? 1 : 0);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder out = new StringBuilder(4 * ids.length);
    int[] run = new int[ids.length];
    int size = 0;
    boolean inCode = false;
    for (int id : ids) {
      boolean idInCode =
          switch (routing) {
            case ID_RANGES -> id >= offset;
            case SWITCH_TOKENS -> id == switchTo(true) || (id != switchTo(false) && inCode);
          };
      if (idInCode != inCode) {
        flush(run, size, inCode, skipSpecialTokens, out);
        size = 0;
        inCode = idInCode;
      }
      if (routing == Routing.ID_RANGES || id < switchTo(false)) {
        run[size++] = inCode ? id - offset : id;
      }
    }
    flush(run, size, inCode, skipSpecialTokens, out);
    return out.toString();
  }

  private void flush(
      int[] run, int size, boolean inCode, boolean skipSpecialTokens, StringBuilder out) {
    if (size > 0) {
      out.append((inCode ? code : language).decode(Arrays.copyOf(run, size), skipSpecialTokens));
    }
  }

  /// Where code stands in a text, as the router says, without what exactness adds.
  ///
  /// @param text the text
  /// @return the code
  public CodeSpans route(CharSequence text) {
    return router.route(Text.wellFormed(text));
  }

  /// The tokenizer for natural language.
  ///
  /// @return the tokenizer
  public Tokenizer language() {
    return language;
  }

  /// The tokenizer for code, with its own ids.
  ///
  /// @return the tokenizer
  public Tokenizer code() {
    return code;
  }

  /// What is added to the code tokenizer's ids.
  ///
  /// @return the offset; 0 with switch tokens
  public int codeOffset() {
    return offset;
  }

  @Override
  public int vocabularySize() {
    return switch (routing) {
      case ID_RANGES -> Math.addExact(offset, code.vocabularySize());
      case SWITCH_TOKENS -> switchTo(true) + 1;
    };
  }

  /// The id of a token; where both tokenizers have it, the language tokenizer's.
  @Override
  public OptionalInt id(String token) {
    if (routing == Routing.SWITCH_TOKENS) {
      if (token.equals(TO_LANGUAGE) || token.equals(TO_CODE)) {
        return OptionalInt.of(switchTo(token.equals(TO_CODE)));
      }
    }
    OptionalInt found = language.id(token);
    if (found.isPresent()) {
      return found;
    }
    OptionalInt second = code.id(token);
    return second.isPresent() ? OptionalInt.of(second.getAsInt() + offset) : second;
  }

  /// The token of an id; with switch tokens, where both tokenizers have the id, the language
  /// tokenizer's.
  @Override
  public String token(int id) {
    return switch (routing) {
      case ID_RANGES -> id >= offset ? code.token(id - offset) : language.token(id);
      case SWITCH_TOKENS -> {
        if (id >= switchTo(false) && id <= switchTo(true)) {
          yield id == switchTo(true) ? TO_CODE : TO_LANGUAGE;
        }
        yield id < language.vocabularySize() ? language.token(id) : code.token(id);
      }
    };
  }

  @Override
  public OptionalInt padId() {
    return language.padId();
  }

  @Override
  public OptionalInt eosId() {
    return language.eosId();
  }

  @Override
  public OptionalInt unknownId() {
    return language.unknownId();
  }

  @Override
  public OptionalInt sentinelId(int i) {
    return language.sentinelId(i);
  }

  /// Writes the tokenizer as `dual_tokenizer.json` and the folders `language` and `code`, which
  /// [Tokenizer#load] reads.
  @Override
  public void save(Path folder) {
    language.save(folder.resolve(LANGUAGE));
    code.save(folder.resolve(CODE));
    String kind =
        switch (router) {
          case Fences _ -> "fences";
          case Markers _ -> "markers";
          case Whole(boolean all) -> all ? "code" : "language";
          default -> "custom";
        };
    List<String> markers =
        router instanceof Markers(var open, var close) ? List.of(open, close) : List.of();
    new DualSpec(routing == Routing.SWITCH_TOKENS, offset, exact, kind, markers)
        .write(folder.resolve(DualSpec.FILE));
  }

  @Override
  public String toString() {
    return "DualTokenizer[" + language + ", " + code + ", " + routing + "]";
  }
}
