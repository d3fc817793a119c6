package dev.quintet.tokenizers.huggingface;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Numbers the added tokens of a `tokenizer.json` as Hugging Face's library does when it reads one: a
/// token that the vocabulary has keeps that id, others are counted on from the number of its tokens,
/// and the id that the file gives is not asked for. So where the vocabulary has gaps, an added token may
/// get an id in one, or the id of another token.
final class AddedTokenIds {

  private static final System.Logger LOG = System.getLogger(AddedTokenIds.class.getName());

  private final Vocabulary vocabulary;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, AddedToken> byId = new HashMap<>();
  private int next;

  private AddedTokenIds(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.next = vocabulary.count();
  }

  /// The tokens with their ids; says so where these are not the file's.
  static List<AddedToken> given(String file, List<AddedToken> listed, Vocabulary vocabulary) {
    AddedTokenIds table = new AddedTokenIds(vocabulary);
    Set<String> special = new HashSet<>();
    List<AddedToken> kept = new ArrayList<>();
    int moved = 0;
    String example = "";
    for (AddedToken token : listed) {
      if (token.content().isEmpty()) {
        continue;
      }
      boolean begins = token.special() && special.add(token.content());
      boolean news = table.add(token);
      if (begins || news && !special.contains(token.content())) {
        kept.add(token);
      }
      int id = table.id(token);
      if (id != token.id() && moved++ == 0) {
        example = "\"" + token.content() + "\" has id " + id + ", not " + token.id();
      }
    }
    if (moved > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: {1} added tokens have other ids than the file says, as the vocabulary has {2} tokens: {3}",
          file,
          moved,
          vocabulary.count(),
          example);
    }
    return kept.stream().map(token -> table.settled(token, special)).toList();
  }

  /// Adds a token; says false when nothing about it is new.
  private boolean add(AddedToken token) {
    Integer known = ids.get(token.content());
    if (known != null && token.withId(known).equals(byId.get(known))) {
      return false;
    }
    int id = known != null ? known : vocabulary.id(token.content()).orElseGet(() -> next++);
    ids.put(token.content(), id);
    byId.put(id, token.withId(id));
    return true;
  }

  private int id(AddedToken added) {
    return Objects.requireNonNull(ids.get(added.content()));
  }

  /// What was said last about a token counts, but for where it is looked for.
  private AddedToken settled(AddedToken token, Set<String> special) {
    AddedToken last = Objects.requireNonNull(byId.get(id(token)));
    return new AddedToken(
        last.id(),
        token.content(),
        last.singleWord(),
        last.lstrip(),
        last.rstrip(),
        token.normalized(),
        special.contains(token.content()));
  }
}
