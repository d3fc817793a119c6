package dev.quintet.tokenizers.dual;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Gives the language tokenizer what it gives back letter for letter, and the code tokenizer the
/// rest: line ends and runs of spaces that normalization would swallow, characters that are not in
/// the vocabulary.
///
/// A stretch is tried as a whole first, then between white space other than single spaces, then word
/// by word, then character by character. No two stretches for the language tokenizer touch, as
/// decoding would take them for one.
final class ExactCutter {

  private final Tokenizer language;
  private final String text;
  private final Sentinels sentinels;
  private final CutList out;
  private final Map<Integer, Boolean> characters = new HashMap<>();

  ExactCutter(Tokenizer language, String text, Sentinels sentinels, CutList out) {
    this.language = language;
    this.text = text;
    this.sentinels = sentinels;
    this.out = out;
  }

  /// Adds a stretch of natural language to the cuts.
  void add(int start, int end) {
    if (survives(start, end)) {
      out.add(start, end, false);
      return;
    }
    for (int at = start; at < end; ) {
      int stop = at;
      int next = at;
      // Up to white space that is more than one space, or ends the stretch.
      while (next < end) {
        stop = next;
        while (stop < end && !Text.isSpace(text.charAt(stop))) {
          stop++;
        }
        next = stop;
        while (next < end && Text.isSpace(text.charAt(next))) {
          next++;
        }
        if (next == end || next - stop != 1 || text.charAt(stop) != ' ' || stop == at) {
          break;
        }
      }
      line(at, stop);
      out.add(stop, next, true);
      at = next;
    }
  }

  private boolean survives(int start, int end) {
    String part = text.substring(start, end);
    return language.decode(language.encodeToIds(part, false)).equals(part);
  }

  /// Words with single spaces between them.
  private void line(int start, int end) {
    if (start == end) {
      return;
    }
    if (survives(start, end)) {
      out.add(start, end, false);
      return;
    }
    List<Atom> atoms = new ArrayList<>();
    for (int at = start; at < end; ) {
      int sentinel = sentinels.endAt(text, at, end);
      if (sentinel > at) {
        atoms.add(new Atom(at, sentinel, Kind.SENTINEL));
        at = sentinel;
      } else if (text.charAt(at) == ' ') {
        atoms.add(new Atom(at, at + 1, Kind.SPACE));
        at++;
      } else {
        int stop = at;
        while (stop < end
            && text.charAt(stop) != ' '
            && (stop == at || sentinels.endAt(text, stop, end) < 0)) {
          stop++;
        }
        word(at, stop, atoms);
        at = stop;
      }
    }
    int first = 0;
    for (int i = 0; i <= atoms.size(); i++) {
      if (i == atoms.size() || atoms.get(i).kind() == Kind.LOST) {
        group(atoms, first, i);
        if (i < atoms.size()) {
          out.add(atoms.get(i).start(), atoms.get(i).end(), true);
        }
        first = i + 1;
      }
    }
  }

  private enum Kind {
    SPACE,
    WORD,
    SENTINEL,
    LOST
  }

  private record Atom(int start, int end, Kind kind) {}

  private void word(int start, int end, List<Atom> atoms) {
    if (survives(start, end)) {
      atoms.add(new Atom(start, end, Kind.WORD));
      return;
    }
    for (int at = start; at < end; ) {
      boolean kept = characterSurvives(at);
      int stop = at;
      while (stop < end && characterSurvives(stop) == kept) {
        stop += Character.charCount(text.codePointAt(stop));
      }
      boolean word = kept && (stop - at < end - start) && survives(at, stop);
      atoms.add(new Atom(at, stop, word ? Kind.WORD : Kind.LOST));
      at = stop;
    }
  }

  private boolean characterSurvives(int at) {
    int c = text.codePointAt(at);
    return characters.computeIfAbsent(c, _ -> survives(at, at + Character.charCount(c)));
  }

  /// Atoms of which each survives alone: together, or else in two halves with a space between them
  /// that goes to the code tokenizer.
  private void group(List<Atom> atoms, int from, int to) {
    int first = from;
    int last = to;
    while (first < last && atoms.get(first).kind() == Kind.SPACE) {
      first++;
    }
    while (last > first && atoms.get(last - 1).kind() == Kind.SPACE) {
      last--;
    }
    put(atoms, from, first);
    if (first < last) {
      if (survives(atoms.get(first).start(), atoms.get(last - 1).end())) {
        out.add(atoms.get(first).start(), atoms.get(last - 1).end(), false);
      } else {
        int middle = space(atoms, first, last);
        if (middle >= 0) {
          group(atoms, first, middle);
          put(atoms, middle, middle + 1);
          group(atoms, middle + 1, last);
        } else {
          put(atoms, first, last);
        }
      }
    }
    put(atoms, last, to);
  }

  /// All to the code tokenizer but sentinels.
  private void put(List<Atom> atoms, int from, int to) {
    for (int i = from; i < to; i++) {
      Atom atom = atoms.get(i);
      out.add(atom.start(), atom.end(), atom.kind() != Kind.SENTINEL);
    }
  }

  /// The space next to the middle, or -1.
  private static int space(List<Atom> atoms, int from, int to) {
    int middle = (from + to) / 2;
    for (int distance = 0; distance <= (to - from) / 2 + 1; distance++) {
      int before = middle - distance;
      int after = middle + distance;
      if (before >= from && before < to && atoms.get(before).kind() == Kind.SPACE) {
        return before;
      }
      if (after < to && atoms.get(after).kind() == Kind.SPACE) {
        return after;
      }
    }
    return -1;
  }
}
