package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.format.PostProcessorSpec;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import java.util.List;
import java.util.Optional;

/// Finishes the tokens of a text: trims their offsets, puts special tokens around them.
final class PostProcessor {

  private static final char SPACE_LETTER = ByteLetters.letter(' ');

  /// Says how a token is written, for the spaces at its ends.
  interface Spelling {
    String of(int id, int start, int end);
  }

  /// Tokens and the text that their places are in.
  record Placed(String text, TokenBuffer tokens) {}

  private static final List<PostProcessorSpec.Piece> JOINED =
      List.of(new PostProcessorSpec.Text(false), new PostProcessorSpec.Text(true));

  private final List<PostProcessorSpec> steps;

  PostProcessor(List<PostProcessorSpec> steps) {
    this.steps = steps;
  }

  /// The tokens of one text or of two, with special tokens around them.
  ///
  /// @param first the first text's tokens
  /// @param second the second one's, if there are two
  TokenBuffer finish(
      Placed first, Optional<Placed> second, boolean addSpecialTokens, Spelling spelling) {
    Placed filled = first;
    boolean done = false;
    for (PostProcessorSpec step : steps) {
      switch (step) {
        case PostProcessorSpec.ByteLevel(var trimOffsets, var addPrefixSpace) -> {
          if (trimOffsets) {
            trim(filled.text, filled.tokens, addPrefixSpace, spelling);
            if (!done) {
              second.ifPresent(b -> trim(b.text, b.tokens, addPrefixSpace, spelling));
            }
          }
        }
        case PostProcessorSpec.Template(var single, var pair) -> {
          if (addSpecialTokens && second.isEmpty()) {
            filled = new Placed(first.text, fill(single, filled, second));
          } else if (addSpecialTokens && !done) {
            filled = new Placed(first.text, fill(pair, first, second));
            done = true;
          }
        }
      }
    }
    if (!done && second.isPresent()) {
      return fill(JOINED, first, second);
    }
    return filled.tokens;
  }

  /// One text's tokens with special tokens around them; their places are left as they are.
  TokenBuffer fill(TokenBuffer tokens) {
    TokenBuffer current = tokens;
    for (PostProcessorSpec step : steps) {
      if (step instanceof PostProcessorSpec.Template(var single, _)) {
        current = fill(single, new Placed("", current), Optional.empty());
      }
    }
    return current;
  }

  /// How many special tokens are added to one text, or to two.
  int added(boolean pair) {
    int added = 0;
    for (PostProcessorSpec step : steps) {
      if (step instanceof PostProcessorSpec.Template(var one, var two)) {
        for (PostProcessorSpec.Piece piece : pair ? two : one) {
          added += piece instanceof PostProcessorSpec.Special(var ids) ? ids.size() : 0;
        }
      }
    }
    return added;
  }

  private static TokenBuffer fill(
      List<PostProcessorSpec.Piece> pieces, Placed first, Optional<Placed> second) {
    TokenBuffer out =
        new TokenBuffer(
            first.tokens.size() + second.map(b -> b.tokens.size()).orElse(0) + pieces.size());
    for (PostProcessorSpec.Piece piece : pieces) {
      switch (piece) {
        case PostProcessorSpec.Text(var isSecond) -> {
          TokenBuffer tokens = isSecond ? second.orElseThrow().tokens : first.tokens;
          for (int i = 0; i < tokens.size(); i++) {
            out.add(tokens.id(i), tokens.start(i), tokens.end(i));
            if (tokens.isMarked(i)) {
              out.markLast();
            }
          }
        }
        case PostProcessorSpec.Special(var ids) -> ids.forEach(id -> out.add(id, 0, 0));
      }
    }
    return out;
  }

  /// Takes the spaces at a token's ends out of its offsets, character by character.
  private static void trim(
      String text, TokenBuffer tokens, boolean addPrefixSpace, Spelling spelling) {
    for (int i = 0; i < tokens.size(); i++) {
      int start = tokens.start(i);
      int end = tokens.end(i);
      // A token that was found in the text is spelled as there, with the white space it took along.
      String token =
          tokens.isMarked(i) ? text.substring(start, end) : spelling.of(tokens.id(i), start, end);
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
