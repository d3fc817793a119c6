package dev.quintet.tokenizers.compare;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// Finds for each new token the old ones that stand for it.
final class VocabularyTransfer {

  /// In no vocabulary, and no letter: what follows it is cut as the continuation of a word.
  private static final char GUARD = '\ue000';

  private static final int[] NOTHING = {};

  private final Tokenizer old;
  private final Tokenizer now;
  private final Surfaces oldSurfaces;
  private final Surfaces surfaces;
  private final Map<String, Integer> byKey = new HashMap<>();
  private final Map<Integer, Integer> roles = new HashMap<>();
  private final boolean addsSpace;

  VocabularyTransfer(Tokenizer old, Tokenizer now) {
    this.old = old;
    this.now = now;
    this.oldSurfaces = Surfaces.of(old);
    this.surfaces = Surfaces.of(now);
    for (int id = 0; id < oldSurfaces.size(); id++) {
      String key = oldSurfaces.key(id);
      Integer known = byKey.get(key);
      // A piece goes before the byte that it may be, too.
      if (!key.isEmpty()
          && !oldSurfaces.isSpecial(id)
          && (known == null || old.token(known).startsWith("<0x"))) {
        byKey.put(key, id);
      }
    }
    role(now.padId(), old.padId());
    role(now.eosId(), old.eosId());
    role(now.unknownId(), old.unknownId());
    for (int i = 0; now.sentinelId(i).isPresent() && old.sentinelId(i).isPresent(); i++) {
      role(now.sentinelId(i), old.sentinelId(i));
    }
    int[] letter = old.encodeToIds("a", false);
    String first = letter.length == 0 ? "" : old.token(letter[0]);
    this.addsSpace = first.startsWith("▁") || first.startsWith("Ġ");
  }

  private void role(OptionalInt newId, OptionalInt oldId) {
    if (newId.isPresent() && oldId.isPresent()) {
      roles.putIfAbsent(newId.getAsInt(), oldId.getAsInt());
    }
  }

  VocabularyMap map() {
    int[] offsets = new int[surfaces.size() + 1];
    int[] ids = new int[Math.max(16, 2 * surfaces.size())];
    int size = 0;
    for (int id = 0; id < surfaces.size(); id++) {
      int[] sources = sources(id);
      if (size + sources.length > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + sources.length));
      }
      System.arraycopy(sources, 0, ids, size, sources.length);
      size += sources.length;
      offsets[id + 1] = size;
    }
    return new VocabularyMap(oldSurfaces.size(), offsets, Arrays.copyOf(ids, size));
  }

  private int[] sources(int id) {
    Integer role = roles.get(id);
    if (role != null) {
      return new int[] {role};
    }
    String key = surfaces.key(id);
    if (key.isEmpty() || surfaces.isSpecial(id)) {
      return named(id);
    }
    Integer same = byKey.get(key);
    if (same != null) {
      return new int[] {sameName(id, key, same)};
    }
    int[] parts = surfaces.isText(id) ? cut(surfaces.text(id)) : bytes(key);
    return parts.length > 0 ? parts : substitute(surfaces.text(id));
  }

  private int[] named(int id) {
    try {
      OptionalInt found = old.id(now.token(id));
      return found.isPresent() ? new int[] {found.getAsInt()} : NOTHING;
    } catch (IllegalArgumentException _) {
      // A gap in the new ids.
      return NOTHING;
    }
  }

  /// Of old tokens that stand for the same, the one that is spelled the same.
  private int sameName(int id, String key, int otherwise) {
    OptionalInt named = old.id(now.token(id));
    return named.isPresent() && oldSurfaces.key(named.getAsInt()).equals(key)
        ? named.getAsInt()
        : otherwise;
  }

  private int[] cut(String text) {
    if (text.charAt(0) == ' ' && text.length() > 1) {
      return old.encodeToIds(addsSpace ? text.substring(1) : text, false);
    }
    if (!addsSpace) {
      return old.encodeToIds(text, false);
    }
    Encoding guarded = old.encode(GUARD + text, false);
    IntStream.Builder ids = IntStream.builder();
    for (int i = 0; i < guarded.size(); i++) {
      // An unknown character after the guard, which is unknown too, shares its token.
      if (guarded.start(i) > 0 || guarded.end(i) > 1) {
        ids.add(guarded.id(i));
      }
    }
    return ids.build().toArray();
  }

  /// Parts of characters, where the old vocabulary has all these bytes.
  private int[] bytes(String key) {
    int[] ids = new int[key.length()];
    for (int i = 0; i < ids.length; i++) {
      Integer id = byKey.get(key.substring(i, i + 1));
      if (id == null) {
        return NOTHING;
      }
      ids[i] = id;
    }
    return ids;
  }

  private int[] substitute(String text) {
    Integer space = byKey.get(new String(new byte[] {' '}, StandardCharsets.ISO_8859_1));
    if (text.chars().allMatch(Text::isSpace) && space != null) {
      return new int[] {space};
    }
    OptionalInt unknown = old.unknownId();
    return unknown.isPresent() ? new int[] {unknown.getAsInt()} : NOTHING;
  }
}
