package dev.quintet.tokenizers.format;

import java.util.Optional;

/// What becomes of a text's tokens that are too many or too few, as a file describes it.
///
/// @param truncation how they are cut, if they are
/// @param padding how they are filled up, if they are
public record LengthSpec(Optional<Truncation> truncation, Optional<Padding> padding) {

  /// Nothing is cut or filled up.
  public static final LengthSpec ANY = new LengthSpec(Optional.empty(), Optional.empty());

  /// More would let a small file ask for any amount of memory.
  private static final int MAX_PADDED = 1 << 20;

  /// How tokens are cut.
  ///
  /// @param maxLength how many tokens there are at most, special tokens included
  /// @param left whether the first are left out, and not the last
  /// @param onlySecond whether only the second of two texts is cut
  public record Truncation(int maxLength, boolean left, boolean onlySecond) {}

  /// How tokens are filled up.
  ///
  /// @param length how many there are at least; 0 for as many as the longest of a batch has
  /// @param multipleOf what the number of tokens is to be a multiple of, at least 1
  /// @param left whether padding comes before the text
  /// @param id the padding token
  public record Padding(int length, int multipleOf, boolean left, int id) {}

  static LengthSpec read(Node top, int size) {
    return new LengthSpec(
        top.find("truncation").map(LengthSpec::truncation),
        top.find("padding").map(node -> padding(node, size)));
  }

  private static Truncation truncation(Node node) {
    String strategy = node.find("strategy").map(Node::string).orElse("LongestFirst");
    return new Truncation(
        node.get("max_length").integer(), isLeft(node), strategy.equals("OnlySecond"));
  }

  private static boolean isLeft(Node node) {
    return node.find("direction").map(Node::string).orElse("Right").equals("Left");
  }

  private static Padding padding(Node node, int size) {
    Node strategy = node.get("strategy");
    int length = strategy.value() instanceof Json.Obj ? strategy.get("Fixed").integer() : 0;
    if (length > MAX_PADDED) {
      throw strategy.malformed("expected at most " + MAX_PADDED);
    }
    int multiple = node.find("pad_to_multiple_of").map(Node::integer).orElse(1);
    if (multiple > MAX_PADDED) {
      throw node.get("pad_to_multiple_of").malformed("expected at most " + MAX_PADDED);
    }
    int id = node.find("pad_id").map(Node::integer).orElse(0);
    if (id >= size) {
      throw node.get("pad_id").malformed("no token has the id " + id);
    }
    return new Padding(length, Math.max(1, multiple), isLeft(node), id);
  }
}
