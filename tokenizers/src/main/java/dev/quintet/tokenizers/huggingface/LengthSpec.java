package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.Node;
import java.util.Optional;

/// What becomes of a text's tokens that are too many or too few, as a file describes it.
///
/// @param truncation how they are cut, if they are
/// @param padding how they are padded, if they are
public record LengthSpec(Optional<Truncation> truncation, Optional<Padding> padding) {

  /// Nothing is truncated or padded.
  public static final LengthSpec ANY = new LengthSpec(Optional.empty(), Optional.empty());

  /// More would let a small file ask for any amount of memory.
  private static final int MAX_PADDED = 1 << 20;

  static LengthSpec read(Node top, int size) {
    return new LengthSpec(
        top.find("truncation").map(LengthSpec::truncation),
        top.find("padding").map(node -> padding(node, size)));
  }

  private static Truncation truncation(Node node) {
    String strategy = node.find("strategy").map(Node::string).orElse("LongestFirst");
    return new Truncation(
        node.get("max_length").integer(),
        switch (strategy) {
          case "OnlyFirst" -> Truncation.Strategy.ONLY_FIRST;
          case "OnlySecond" -> Truncation.Strategy.ONLY_SECOND;
          default -> Truncation.Strategy.LONGEST_FIRST;
        },
        isLeft(node),
        node.find("stride").map(Node::integer).orElse(0));
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
    int type = node.find("pad_type_id").map(Node::integer).orElse(0);
    return new Padding(length, Math.max(1, multiple), isLeft(node), id, type);
  }
}
