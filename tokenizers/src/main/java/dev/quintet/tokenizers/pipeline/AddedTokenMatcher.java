package dev.quintet.tokenizers.pipeline;

import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.text.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Finds added tokens in a text: the leftmost, among those that begin there the longest, then on
/// from its end.
public final class AddedTokenMatcher {

  private static final int NO_TOKEN = -1;
  private static final int NO_NODE = -1;

  private static final Pattern WORD = Pattern.compile("\\w", Pattern.UNICODE_CHARACTER_CLASS);

  /// What lies between tokens, and the tokens, in order.
  public interface Sink {
    void text(int start, int end);

    void token(int id, int start, int end);
  }

  /// A trie node: the characters that lead on in order, the number of the child that the first one
  /// leads to (the others follow it), and the token that ends here.
  private record Node(char[] labels, int firstChild, int token) {

    int child(char label) {
      int found = Arrays.binarySearch(labels, label);
      return found < 0 ? NO_NODE : firstChild + found;
    }
  }

  private static final class Growing {
    private final TreeMap<Character, Growing> children = new TreeMap<>();
    private int token = NO_TOKEN;
  }

  private final List<AddedToken> tokens;
  private final Node[] nodes;
  private final boolean[] begins = new boolean[128];

  /// The token whose spelling is empty.
  private final int empty;

  /// Takes the tokens, and how their text looks in the texts that are searched.
  public AddedTokenMatcher(List<AddedToken> tokens, UnaryOperator<String> spelling) {
    this.tokens = List.copyOf(tokens);
    Growing root = new Growing();
    for (int i = 0; i < tokens.size(); i++) {
      String content = tokens.get(i).content();
      if (content.isEmpty()) {
        continue;
      }
      String text = spelling.apply(content);
      Growing at = root;
      for (int k = 0; k < text.length(); k++) {
        at = at.children.computeIfAbsent(text.charAt(k), _ -> new Growing());
      }
      if (at.token == NO_TOKEN) {
        at.token = i;
      }
    }
    this.empty = root.token;
    this.nodes = number(root);
    for (char label : nodes[0].labels) {
      if (label < begins.length) {
        begins[label] = true;
      }
    }
  }

  /// Breadth first, so that siblings stand together.
  private static Node[] number(Growing root) {
    List<Growing> order = new ArrayList<>(List.of(root));
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      Growing one = order.get(i);
      char[] labels = new char[one.children.size()];
      int next = 0;
      for (char label : one.children.keySet()) {
        labels[next++] = label;
      }
      nodes.add(new Node(labels, order.size(), one.token));
      order.addAll(one.children.values());
    }
    return nodes.toArray(Node[]::new);
  }

  /// Cuts a stretch of a text. A token may stand inside the white space that the one before it took
  /// along: then it is a token all the same, and the text goes on after it, as in the reference. But
  /// one that takes the white space before it along finds none left there, and is not a token if that
  /// leaves nothing of it (where it leaves less than nothing the reference panics).
  ///
  /// A token whose spelling is empty, as normalizing may leave it, cuts between all characters (where
  /// these are not ASCII the reference panics).
  public void split(String text, int start, int end, Sink sink) {
    int done = start;
    int matched = -1;
    int spaced = start;
    for (int i = next(text, start, end); i < end || i == end && empty != NO_TOKEN; ) {
      int from = i;
      int to = i + longestAt(text, i, end);
      boolean none = from == to && (empty == NO_TOKEN || from == matched);
      i = next(text, none ? i + (i < end ? Character.charCount(text.codePointAt(i)) : 1) : to, end);
      if (none) {
        continue;
      }
      matched = to;
      AddedToken token = tokens.get(tokenAt(text, from, to));
      if (token.singleWord()
          && (from > start && isWord(text.codePointBefore(from))
              || to < end && isWord(text.codePointAt(to)))) {
        continue;
      }
      if (token.lstrip()) {
        while (from > done && Text.isSpace(text.charAt(from - 1))) {
          from--;
        }
        from = Math.max(from, done);
      }
      if (token.rstrip()) {
        // Each token in a long run of white space takes all of it; it is walked through once.
        to = Math.max(to, spaced);
        while (to < end && Text.isSpace(text.charAt(to))) {
          to++;
        }
        spaced = to;
      }
      if (done < from) {
        sink.text(done, from);
      }
      if (from < to) {
        sink.token(token.id(), from, to);
      }
      done = to;
    }
    if (done < end) {
      sink.text(done, end);
    }
  }

  /// The first place from `i` on where a token may begin, or `end`.
  private int next(String text, int i, int end) {
    if (empty != NO_TOKEN || i >= end) {
      return i;
    }
    if (nodes[0].labels.length == 0) {
      return end;
    }
    if (nodes[0].labels.length == 1) {
      // As a rule all begin with "<", and a search for one character is fast.
      int found = text.indexOf(nodes[0].labels[0], i, end);
      return found < 0 ? end : found;
    }
    int at = i;
    while (at < end && !mayBegin(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private boolean mayBegin(char c) {
    return c < begins.length ? begins[c] : nodes[0].child(c) != NO_NODE;
  }

  private int longestAt(String text, int i, int end) {
    int longest = 0;
    int at = 0;
    for (int k = i; k < end; k++) {
      at = nodes[at].child(text.charAt(k));
      if (at == NO_NODE) {
        break;
      }
      if (nodes[at].token != NO_TOKEN) {
        longest = k + 1 - i;
      }
    }
    return longest;
  }

  private int tokenAt(String text, int from, int to) {
    int at = 0;
    for (int k = from; k < to; k++) {
      at = nodes[at].child(text.charAt(k));
    }
    return nodes[at].token;
  }

  private static boolean isWord(int codePoint) {
    return WORD.matcher(Character.toString(codePoint)).matches();
  }
}
