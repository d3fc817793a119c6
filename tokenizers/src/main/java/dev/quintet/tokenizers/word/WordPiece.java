package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.huggingface.WordPieceSpec;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.TokenBuffer;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Takes the longest piece from the left, again and again; a word that cannot be put together so is
/// unknown as a whole (Schuster and Nakajima 2012; as in BERT). Immutable; any number of threads may
/// use it.
public final class WordPiece implements WordModel {

  private final ByteTrie pieces;
  private final OptionalInt unknown;
  private final String unknownText;
  private final int maxCharacters;

  /// The node from which pieces go on that do not begin a word, or none.
  private final int continuing;

  /// Makes a model.
  ///
  /// @param spec its description
  public WordPiece(WordPieceSpec spec) {
    Vocabulary vocabulary = spec.vocabulary();
    List<byte[]> keys = new ArrayList<>();
    int[] ids = new int[vocabulary.size()];
    for (int id = 0; id < vocabulary.size(); id++) {
      String piece = vocabulary.token(id).orElse("");
      if (!piece.isEmpty()) {
        ids[keys.size()] = id;
        keys.add(piece.getBytes(StandardCharsets.UTF_8));
      }
    }
    this.pieces = ByteTrie.of(keys, ids);
    this.unknown = vocabulary.id(spec.unknown());
    this.unknownText = spec.unknown();
    this.maxCharacters = spec.maxCharacters();
    int node = ByteTrie.ROOT;
    for (byte b : spec.continuingPrefix().getBytes(StandardCharsets.UTF_8)) {
      node = node == ByteTrie.NONE ? node : pieces.child(node, b & 0xFF);
    }
    this.continuing = node;
  }

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    int first = out.size();
    boolean known = characters(utf8, start, end) <= maxCharacters;
    int to;
    for (int at = start; known && at < end; at = to) {
      to = add(utf8, at, end, at == start ? ByteTrie.ROOT : continuing, out);
      known = to > at;
      if (!known) {
        break;
      }
    }
    if (!known) {
      while (out.size() > first) {
        out.removeLast();
      }
      out.add(
          unknown.orElseThrow(() ->
              new IllegalArgumentException(
                  "encode: expected words that pieces make, as the vocabulary lacks the unknown token"
                      + " \""
                      + unknownText
                      + "\", got \""
                      + new String(utf8, start, end - start, StandardCharsets.UTF_8)
                      + "\"")),
          start,
          end);
    }
  }

  private static int characters(byte[] utf8, int start, int end) {
    int characters = 0;
    for (int i = start; i < end; i += Utf8.lengthByLead(utf8[i])) {
      characters++;
    }
    return characters;
  }

  /// Adds the longest piece; says where it ends, `at` if there is none.
  private int add(byte[] utf8, int at, int end, int from, TokenBuffer out) {
    int node = from;
    int longest = at;
    int id = ByteTrie.NONE;
    for (int i = at; i < end && node != ByteTrie.NONE; i++) {
      node = pieces.child(node, utf8[i] & 0xFF);
      if (node != ByteTrie.NONE && pieces.value(node) != ByteTrie.NONE) {
        longest = i + 1;
        id = pieces.value(node);
      }
    }
    if (longest > at) {
      out.add(id, at, longest);
    }
    return longest;
  }
}
