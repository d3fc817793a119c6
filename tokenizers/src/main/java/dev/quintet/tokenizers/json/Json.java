package dev.quintet.tokenizers.json;

import dev.quintet.tokenizers.huggingface.Merges;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import java.util.List;
import java.util.SequencedMap;

/// A JSON value as it stood in a file: members in their order, numbers as they were spelled.
public sealed interface Json {

  /// An object; the members keep their order.
  record Obj(SequencedMap<String, Json> members) implements Json {}

  /// An array.
  record Arr(List<Json> items) implements Json {}

  /// A string.
  record Str(String value) implements Json {}

  /// A number, as spelled.
  record Num(String spelled) implements Json {}

  /// A truth value.
  record Bool(boolean value) implements Json {}

  /// What has no structure of its own.
  enum Mark implements Json {
    /// `null`.
    NULL,
    /// Stands where the vocabulary stood, which is kept as a [Vocabulary].
    VOCABULARY,
    /// Stands where the merges stood, which are kept as [Merges].
    MERGES
  }
}
