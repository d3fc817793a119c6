package dev.quintet.tokenizers.normalize;

import dev.quintet.tokenizers.text.ReferenceUnicode;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// One of Unicode's normal forms (UAX #15) as version 9 has it, with which new character stands for
/// which old ones.
///
/// The JDK gives the decomposition of single characters, which never changes once a character is
/// there; [ReferenceUnicode] says which were. The JDK's work on whole strings is not used: it takes
/// the square of the length of a run of marks. Immutable.
final class NormalForm {

  private static final int FIRST_MARK = 0x300;

  private final Form form;
  private final Form decomposition;
  private final boolean composes;

  private static final Map<Form, BitSet> CHANGING = new ConcurrentHashMap<>();

  /// The characters that do not stay what they are even when they stand alone.
  private final BitSet changing;

  NormalForm(Form form) {
    this.form = form;
    this.composes = form == Form.NFC || form == Form.NFKC;
    this.decomposition = form == Form.NFC || form == Form.NFD ? Form.NFD : Form.NFKD;
    // Some thousands of questions to the JDK, for the first tokenizer only.
    this.changing = CHANGING.computeIfAbsent(form, _ -> changing());
  }

  private BitSet changing() {
    BitSet found = new BitSet();
    ReferenceUnicode.decomposing()
        .filter(c ->
            Compositions.isHangul(c)
                ? !composes
                : !Normalizer.isNormalized(Character.toString(c), form))
        .forEach(found::set);
    return found;
  }

  /// Whether a look shows that a text is in the form.
  boolean leaves(String text) {
    int starter = 0;
    int last = 0;
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (c < FIRST_MARK) {
        if (c >= 0xA0 && changing.get(c)) {
          return false;
        }
        starter = c;
        last = 0;
        continue;
      }
      int combiningClass = ReferenceUnicode.combiningClass(c);
      if (changing.get(c) || combiningClass > 0 && combiningClass < last) {
        return false;
      }
      boolean joins = composes && (combiningClass > 0 || Compositions.isSecond(c));
      if (joins && joins(starter, last, combiningClass, c)) {
        return false;
      }
      starter = combiningClass == 0 ? c : starter;
      last = combiningClass;
    }
    return true;
  }

  /// Whether a mark or a second half may change what stands before it.
  private static boolean joins(int starter, int last, int combiningClass, int c) {
    boolean reaches = last < combiningClass || last == 0;
    return ReferenceUnicode.decomposes(starter)
        || reaches && Compositions.of(starter, c) != Compositions.NONE;
  }

  void apply(AlignedText old, Rewriting out) {
    Run run = new Run();
    run.decompose(old, decomposition);
    if (composes) {
      run.compose();
    }
    for (int i = 0; i < run.size; i++) {
      out.put(run.chars[i], run.changes[i]);
    }
  }

  @Override
  public String toString() {
    return form.toString();
  }

  /// The characters so far, with how many old ones each stands for besides one.
  private static final class Run {
    private int[] chars = new int[64];
    private int[] changes = new int[64];
    private int size;

    void decompose(AlignedText old, Form decomposition) {
      int marks = 0;
      int c;
      for (int i = old.start(); i < old.end(); i += Character.charCount(c)) {
        c = old.text().codePointAt(i);
        if (!ReferenceUnicode.decomposes(c)) {
          marks = add(c, 0, marks);
          continue;
        }
        String parts = Normalizer.normalize(Character.toString(c), decomposition);
        int part;
        for (int k = 0; k < parts.length(); k += Character.charCount(part)) {
          part = parts.codePointAt(k);
          marks = add(part, k == 0 ? 0 : 1, marks);
        }
      }
      sort(size - marks, size);
    }

    /// Adds a character, and says how many marks stand at the end now.
    private int add(int c, int change, int marks) {
      boolean mark = c >= FIRST_MARK && ReferenceUnicode.combiningClass(c) > 0;
      if (!mark) {
        sort(size - marks, size);
      }
      if (size == chars.length) {
        chars = Arrays.copyOf(chars, 2 * size);
        changes = Arrays.copyOf(changes, 2 * size);
      }
      chars[size] = c;
      changes[size++] = change;
      return mark ? marks + 1 : 0;
    }

    /// Brings marks into canonical order, by counting their classes, since a run of them may be as
    /// long as a text; each keeps its change.
    private void sort(int from, int to) {
      if (isSorted(from, to)) {
        return;
      }
      int[] oldChars = Arrays.copyOfRange(chars, from, to);
      int[] oldChanges = Arrays.copyOfRange(changes, from, to);
      int[] places = new int[257];
      for (int c : oldChars) {
        places[ReferenceUnicode.combiningClass(c) + 1]++;
      }
      for (int k = 1; k < places.length; k++) {
        places[k] += places[k - 1];
      }
      for (int i = 0; i < oldChars.length; i++) {
        int place = from + places[ReferenceUnicode.combiningClass(oldChars[i])]++;
        chars[place] = oldChars[i];
        changes[place] = oldChanges[i];
      }
    }

    private boolean isSorted(int from, int to) {
      int last = 0;
      for (int i = from; i < to; i++) {
        int combiningClass = ReferenceUnicode.combiningClass(chars[i]);
        if (combiningClass < last) {
          return false;
        }
        last = combiningClass;
      }
      return true;
    }

    /// The canonical composition algorithm; what is composed counts the changes of its parts.
    void compose() {
      int count = 0;
      int starter = -1;
      int last = -1;
      for (int i = 0; i < size; i++) {
        int c = chars[i];
        int combiningClass = c < FIRST_MARK ? 0 : ReferenceUnicode.combiningClass(c);
        if (starter >= 0 && c >= FIRST_MARK && last < combiningClass) {
          int composed = Compositions.of(chars[starter], c);
          if (composed != Compositions.NONE) {
            chars[starter] = composed;
            changes[starter] += changes[i] - 1;
            continue;
          }
        }
        if (combiningClass == 0) {
          starter = count;
          last = -1;
        } else {
          last = combiningClass;
        }
        chars[count] = c;
        changes[count++] = changes[i];
      }
      size = count;
    }
  }
}
