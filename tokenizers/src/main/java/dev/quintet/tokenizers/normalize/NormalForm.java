package dev.quintet.tokenizers.normalize;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;

/// Unicode's normal forms (UAX #15), with which new character stands for which old ones.
///
/// The JDK gives the forms of whole strings; combining classes and compositions are asked of it by
/// pairs. A text that is in its form already never comes here.
final class NormalForm {

  /// The marks of the lowest and of the highest combining class, 1 and 240.
  private static final String LOWEST = "\u0334";

  private static final String HIGHEST = "\u0345";

  private final Form form;
  private final Form decomposition;
  private int[] chars = new int[64];
  private int[] changes = new int[64];
  private int size;

  private NormalForm(Form form) {
    this.form = form;
    this.decomposition = form == Form.NFC || form == Form.NFD ? Form.NFD : Form.NFKD;
  }

  static void apply(AlignedText old, Form form, Rewriting out) {
    NormalForm it = new NormalForm(form);
    it.decompose(old);
    if (form == Form.NFC || form == Form.NFKC) {
      it.compose();
    }
    for (int i = 0; i < it.size; i++) {
      out.put(it.chars[i], it.changes[i]);
    }
  }

  private void decompose(AlignedText old) {
    int marks = 0;
    int c;
    for (int i = old.start(); i < old.end(); i += Character.charCount(c)) {
      c = old.text().codePointAt(i);
      if (c < 0xA0) {
        sort(size - marks, size);
        marks = 0;
        push(c, 0);
        continue;
      }
      int change = 0;
      for (int part :
          Normalizer.normalize(Character.toString(c), decomposition).codePoints().toArray()) {
        if (!isMark(part)) {
          sort(size - marks, size);
          marks = -1;
        }
        push(part, change);
        marks++;
        change = 1;
      }
    }
    sort(size - marks, size);
  }

  private void push(int c, int change) {
    if (size == chars.length) {
      chars = Arrays.copyOf(chars, 2 * size);
      changes = Arrays.copyOf(changes, 2 * size);
    }
    chars[size] = c;
    changes[size++] = change;
  }

  /// Brings marks into canonical order; each keeps its change.
  private void sort(int from, int to) {
    if (to - from < 2) {
      return;
    }
    int[] oldChars = Arrays.copyOfRange(chars, from, to);
    int[] oldChanges = Arrays.copyOfRange(changes, from, to);
    int[] sorted =
        Normalizer.normalize(new String(oldChars, 0, oldChars.length), Form.NFD)
            .codePoints()
            .toArray();
    if (Arrays.equals(sorted, oldChars)) {
      return;
    }
    boolean[] used = new boolean[oldChars.length];
    for (int i = 0; i < sorted.length; i++) {
      int k = 0;
      while (used[k] || oldChars[k] != sorted[i]) {
        k++;
      }
      used[k] = true;
      chars[from + i] = sorted[i];
      changes[from + i] = oldChanges[k];
    }
  }

  /// The canonical composition algorithm; what is composed counts the changes of its parts.
  private void compose() {
    int count = 0;
    int starter = -1;
    int lastMark = -1;
    for (int i = 0; i < size; i++) {
      int c = chars[i];
      int change = changes[i];
      boolean mark = c >= 0x300 && isMark(c);
      if (starter >= 0) {
        boolean blocked = lastMark >= 0 && (!mark || sameClass(lastMark, c));
        int composed = blocked ? -1 : composed(chars[starter], c);
        if (composed >= 0) {
          chars[starter] = composed;
          changes[starter] += change - 1;
          continue;
        }
      }
      if (!mark) {
        starter = count;
        lastMark = -1;
      } else if (starter >= 0) {
        lastMark = c;
      }
      chars[count] = c;
      changes[count++] = change;
    }
    size = count;
  }

  private int composed(int first, int second) {
    if (second < 0x300) {
      return -1;
    }
    String pair = Character.toString(first) + Character.toString(second);
    String together = Normalizer.normalize(pair, Form.NFC);
    return together.codePointCount(0, together.length()) == 1 ? together.codePointAt(0) : -1;
  }

  /// Whether two marks in canonical order are of one class.
  private static boolean sameClass(int first, int second) {
    String swapped = Character.toString(second) + Character.toString(first);
    return first == second || Normalizer.normalize(swapped, Form.NFD).equals(swapped);
  }

  /// Whether a character's combining class is not 0.
  private static boolean isMark(int c) {
    int type = Character.getType(c);
    if (type != Character.NON_SPACING_MARK && type != Character.COMBINING_SPACING_MARK) {
      return false;
    }
    String mark = Character.toString(c);
    String before = mark + LOWEST;
    String after = HIGHEST + mark;
    return c == HIGHEST.charAt(0)
        || !Normalizer.normalize(before, Form.NFD).equals(before)
        || !Normalizer.normalize(after, Form.NFD).equals(after);
  }

  @Override
  public String toString() {
    return form.toString();
  }
}
