package dev.quintet.tokenizers.tokenizer;

import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.format.PostProcessorSpec;
import dev.quintet.tokenizers.token.Text;
import dev.quintet.tokenizers.token.TokenBuffer;
import java.util.List;

/// Finishes the tokens of a text: trims their offsets, puts special tokens around them.
final class PostProcessor {

  private static final char SPACE_LETTER = ByteLetters.letter(' ');

  /// Says how a token is written, for the spaces at its ends.
  interface Spelling {
    String of(int id, int start, int end);
  }

  private final List<PostProcessorSpec> steps;

  PostProcessor(List<PostProcessorSpec> steps) {
    this.steps = steps;
  }

  Encoding finish(String text, TokenBuffer tokens, boolean addSpecialTokens, Spelling spelling) {
    TokenBuffer current = tokens;
    for (PostProcessorSpec step : steps) {
      switch (step) {
        case PostProcessorSpec.ByteLevel(var trimOffsets, var addPrefixSpace) -> {
          if (trimOffsets) {
            trim(text, current, addPrefixSpace, spelling);
          }
        }
        case PostProcessorSpec.Template(var pieces) -> {
          if (addSpecialTokens) {
            current = fill(pieces, current);
          }
        }
      }
    }
    return new Encoding(current.ids(), current.starts(), current.ends());
  }

  /// The tokens' ids with special tokens around them.
  int[] ids(TokenBuffer tokens) {
    TokenBuffer current = tokens;
    for (PostProcessorSpec step : steps) {
      if (step instanceof PostProcessorSpec.Template(var pieces)) {
        current = fill(pieces, current);
      }
    }
    return current.ids();
  }

  private static TokenBuffer fill(List<PostProcessorSpec.Piece> pieces, TokenBuffer tokens) {
    TokenBuffer out = new TokenBuffer(tokens.size() + pieces.size());
    for (PostProcessorSpec.Piece piece : pieces) {
      switch (piece) {
        case PostProcessorSpec.Text() -> {
          for (int i = 0; i < tokens.size(); i++) {
            out.add(tokens.id(i), tokens.start(i), tokens.end(i));
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
      String token = spelling.of(tokens.id(i), tokens.start(i), tokens.end(i));
      int start = tokens.start(i);
      int end = tokens.end(i);
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
