package dev.quintet.tokenizers.pipeline;

import dev.quintet.tokenizers.huggingface.PostProcessorSpec;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.Text;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Finishes the tokens of a text or of two: cuts them to length, trims their offsets, puts special tokens around them.
///
/// As in the reference each step sees the parts that the one before it made, and they are joined at the end; so a
/// template after another one takes the first special tokens for texts.
public final class PostProcessor {

  private static final char SPACE_LETTER = ByteLetters.letter(' ');

  /// Says how the token of an id is written, for the spaces at its ends.
  public interface Spelling {
    String of(int id);
  }

  /// Tokens with their types.
  public record Typed(TokenBuffer tokens, int[] types) {

    static Typed of(TokenBuffer tokens, int type) {
      int[] types = new int[tokens.size()];
      Arrays.fill(types, type);
      return new Typed(tokens, types);
    }

    static Typed of(List<Integer> ids, int type) {
      TokenBuffer tokens = new TokenBuffer(ids.size());
      ids.forEach(id -> tokens.add(id, 0, 0));
      return of(tokens, type);
    }

    public Typed part(int from, int to) {
      TokenBuffer part = new TokenBuffer(to - from);
      part.addAll(tokens, from, to);
      return new Typed(part, Arrays.copyOfRange(types, from, to));
    }

    Typed and(Typed more) {
      TokenBuffer both = new TokenBuffer(tokens.size() + more.tokens.size());
      both.addAll(tokens, 0, tokens.size());
      both.addAll(more.tokens, 0, more.tokens.size());
      int[] all = Arrays.copyOf(types, types.length + more.types.length);
      System.arraycopy(more.types, 0, all, types.length, more.types.length);
      return new Typed(both, all);
    }

    public int size() {
      return types.length;
    }
  }

  /// What one text or some special tokens became: the first window and the further ones.
  public record Part(String text, Typed first, List<Typed> more) {

    Part map(UnaryOperator<Typed> change) {
      return new Part(text, change.apply(first), more.stream().map(change).toList());
    }
  }

  private final List<PostProcessorSpec> steps;

  /// What stands before and after a single text, if it is that simple.
  private final Optional<Around> around;

  private record Around(int[] before, int[] after) {}

  public PostProcessor(List<PostProcessorSpec> steps) {
    this.steps = steps;
    this.around = around();
  }

  private Optional<Around> around() {
    int mark = -1;
    TokenBuffer text = new TokenBuffer(1);
    text.add(mark, 0, 0);
    int[] all;
    try {
      all = finish(List.of(part("", text, 0)), true, _ -> "").getFirst().tokens.ids();
    } catch (IllegalArgumentException tooManyParts) {
      return Optional.empty();
    }
    int at = 0;
    while (at < all.length && all[at] != mark) {
      at++;
    }
    int[] after = Arrays.copyOfRange(all, Math.min(at + 1, all.length), all.length);
    return at == all.length || Arrays.stream(after).anyMatch(id -> id == mark)
        ? Optional.empty()
        : Optional.of(new Around(Arrays.copyOf(all, at), after));
  }

  public static Part part(String text, TokenBuffer tokens, int type) {
    return new Part(text, Typed.of(tokens, type), List.of());
  }

  /// Whether a step looks at how tokens are spelled.
  public boolean trims() {
    return steps.stream()
        .anyMatch(step -> step instanceof PostProcessorSpec.ByteLevel bytes && bytes.trimOffsets());
  }

  /// The windows of one text or of two, with special tokens around each; the first is the main one.
  public List<Typed> finish(List<Part> texts, boolean addSpecialTokens, Spelling spelling) {
    List<Part> parts = texts;
    for (PostProcessorSpec step : steps) {
      parts =
          switch (step) {
            case PostProcessorSpec.ByteLevel(var trimOffsets, var addPrefixSpace) -> {
              if (trimOffsets) {
                for (Part part : parts) {
                  trim(part.text, part.first.tokens, addPrefixSpace, spelling);
                  part.more.forEach(
                      window -> trim(part.text, window.tokens, addPrefixSpace, spelling));
                }
              }
              yield parts;
            }
            case PostProcessorSpec.Wrap wrap -> wrapped(parts, wrap, addSpecialTokens);
            case PostProcessorSpec.Template template -> filled(parts, template, addSpecialTokens);
          };
    }
    return joined(parts);
  }

  private static List<Part> wrapped(
      List<Part> parts, PostProcessorSpec.Wrap wrap, boolean addSpecialTokens) {
    List<Part> out = new ArrayList<>();
    for (Part given : parts) {
      Part part = wrap.roberta() ? given.map(window -> Typed.of(window.tokens, 0)) : given;
      if (addSpecialTokens) {
        boolean first = out.isEmpty();
        Typed begin =
            Typed.of(
                first ? List.of(wrap.begin()) : wrap.roberta() ? List.of(wrap.end()) : List.of(),
                0);
        Typed end = Typed.of(List.of(wrap.end()), first || wrap.roberta() ? 0 : 1);
        part = part.map(window -> begin.and(window).and(end));
      }
      out.add(part);
    }
    return out;
  }

  private static List<Part> filled(
      List<Part> parts, PostProcessorSpec.Template template, boolean addSpecialTokens) {
    if (parts.size() > 2) {
      throw new IllegalArgumentException(
          "encode: expected a template's parts to be one text or two; the post-processor before it"
              + " made "
              + parts.size()
              + " parts");
    }
    List<Part> out = new ArrayList<>();
    for (PostProcessorSpec.Piece piece : parts.size() == 1 ? template.single() : template.pair()) {
      switch (piece) {
        case PostProcessorSpec.Text(var second, var type) -> {
          Part part = parts.get(second ? 1 : 0);
          // As in the reference, further windows keep the type that they had. Copied, as a template
          // may name a text
          // twice and a later step changes places.
          Typed first = part.first.part(0, part.first.size());
          Arrays.fill(first.types, type);
          out.add(
              new Part(
                  part.text,
                  first,
                  part.more.stream().map(window -> window.part(0, window.size())).toList()));
        }
        case PostProcessorSpec.Special(var ids, var type) -> {
          if (addSpecialTokens) {
            out.add(new Part("", Typed.of(ids, type), List.of()));
          }
        }
      }
    }
    return out;
  }

  /// Each window of a part with each of the others, in the reference's order.
  private static List<Typed> joined(List<Part> parts) {
    if (parts.size() == 1 && parts.getFirst().more.isEmpty()) {
      return List.of(parts.getFirst().first);
    }
    Typed first = Typed.of(List.of(), 0);
    List<Typed> more = new ArrayList<>();
    for (Part part : parts) {
      List<Typed> next = new ArrayList<>();
      for (Typed window : more) {
        next.add(window.and(part.first));
        part.more.forEach(other -> next.add(window.and(other)));
      }
      for (Typed other : part.more) {
        next.add(first.and(other));
      }
      first = first.and(part.first);
      more = next;
    }
    more.addFirst(first);
    return more;
  }

  /// One text's tokens with special tokens around them; their places are left as they are.
  public TokenBuffer fill(TokenBuffer tokens) {
    if (around.isEmpty()) {
      return finish(List.of(part("", tokens, 0)), true, _ -> "").getFirst().tokens;
    }
    int[] before = around.get().before;
    int[] after = around.get().after;
    if (before.length + after.length == 0) {
      return tokens;
    }
    TokenBuffer out = new TokenBuffer(tokens.size() + before.length + after.length);
    for (int id : before) {
      out.add(id, 0, 0);
    }
    for (int i = 0; i < tokens.size(); i++) {
      out.add(tokens.id(i), tokens.start(i), tokens.end(i));
    }
    for (int id : after) {
      out.add(id, 0, 0);
    }
    return out;
  }

  /// How many special tokens each step adds to one text, or to two.
  public int added(boolean pair) {
    int added = 0;
    for (PostProcessorSpec step : steps) {
      switch (step) {
        case PostProcessorSpec.ByteLevel _ -> {}
        case PostProcessorSpec.Wrap wrap -> added += !pair ? 2 : wrap.roberta() ? 4 : 3;
        case PostProcessorSpec.Template(var one, var two) -> {
          for (PostProcessorSpec.Piece piece : pair ? two : one) {
            added += piece instanceof PostProcessorSpec.Special(var ids, _) ? ids.size() : 0;
          }
        }
      }
    }
    return added;
  }

  /// Takes the spaces at a token's ends out of its offsets, character by character.
  private static void trim(
      String text, TokenBuffer tokens, boolean addPrefixSpace, Spelling spelling) {
    for (int i = 0; i < tokens.size(); i++) {
      int start = tokens.start(i);
      int end = tokens.end(i);
      // A token that was found in the text is spelled as there, with the white space it took along.
      int id = tokens.id(i);
      String token = tokens.spelling(i).orElseGet(() -> spelling.of(id));
      int leading = leadingSpaces(token);
      int trailing = trailingSpaces(token);
      if (leading == 1 && addPrefixSpace && (i == 0 || start == 0)) {
        // It was added and does not stand in the text; of several spaces none was added.
        leading = 0;
      }
      int characters = text.codePointCount(start, end);
      int newStart = text.offsetByCodePoints(start, Math.min(leading, characters));
      int kept = text.codePointCount(newStart, end);
      if (trailing > 0 && text.codePointCount(0, end) >= trailing) {
        end = text.offsetByCodePoints(end, -Math.min(trailing, kept));
      }
      tokens.move(i, newStart, end);
    }
  }

  private static boolean isSpace(char c) {
    return c == SPACE_LETTER || Text.isSpace(c);
  }

  private static int leadingSpaces(String token) {
    int n = 0;
    while (n < token.length() && isSpace(token.charAt(n))) {
      n++;
    }
    return n;
  }

  private static int trailingSpaces(String token) {
    int n = 0;
    while (n < token.length() && isSpace(token.charAt(token.length() - 1 - n))) {
      n++;
    }
    return n;
  }
}
