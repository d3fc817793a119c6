package dev.quintet.tokenizers.sentencepiece.normalize;

import dev.quintet.tokenizers.file.MalformedFileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Compiles replacement rules into the form that stands in SentencePiece models: a double array of
/// Darts-clone's units, then the replacements, each ended by a zero byte.
///
/// A file of rules has one a line: code points in hexadecimal between spaces, a tab, and what they
/// become; what follows another tab is a comment. Without a second column they are dropped.
public final class CharsmapBuilder {

  /// Of the rules that match at one place the reference looks at fewer than this many.
  private static final int MAX_PREFIXES = 32;

  /// Offsets beyond would need the form that moves in steps of 256.
  private static final int MAX_UNITS = 1 << 21;

  private static final int BLOCK = 256;

  /// Marks a value, and a unit that is not in use: no byte leads there.
  private static final int NO_LABEL = 1 << 31;

  private static final int HAS_LEAF = 1 << 8;

  private int[] units = new int[BLOCK];
  private boolean[] taken = new boolean[BLOCK];

  /// Places that are the base of some node, which no other may have.
  private boolean[] bases = new boolean[BLOCK];

  private int firstFree = 1;

  private CharsmapBuilder() {
    Arrays.fill(units, NO_LABEL);
    taken[0] = true;
    // From there a zero byte would lead to the root.
    bases[0] = true;
  }

  /// Compiles a file of rules.
  ///
  /// @param file the file
  /// @return the compiled rules
  /// @throws MalformedFileException when a line is not a rule
  /// @throws UncheckedIOException when the file cannot be read
  public static byte[] compile(Path file) {
    Map<String, String> rules = new TreeMap<>(CharsmapBuilder::byCodePoints);
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      for (int i = 0; i < lines.size(); i++) {
        String[] cells = lines.get(i).split("\t", -1);
        String from = text(cells[0], file, i + 1);
        if (from.isEmpty()) {
          throw new MalformedFileException(
              file.toString(), "line " + (i + 1), "expected code points before the first tab");
        }
        rules.put(from, cells.length == 1 ? "" : text(cells[1], file, i + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (rules.isEmpty()) {
      throw new MalformedFileException(file.toString(), "line 1", "expected at least one rule");
    }
    return compile(rules);
  }

  private static String text(String cell, Path file, int line) {
    StringBuilder text = new StringBuilder();
    for (String word : cell.split(" ", -1)) {
      if (!word.isEmpty()) {
        String hex = word.startsWith("U+") ? word.substring(2) : word;
        int codePoint = hex.matches("[0-9A-Fa-f]{1,6}") ? Integer.parseInt(hex, 16) : -1;
        if (codePoint < 1
            || codePoint > Character.MAX_CODE_POINT
            || codePoint >= 0xD800 && codePoint < 0xE000) {
          throw new MalformedFileException(
              file.toString(),
              "line " + line,
              "expected code points from 1 in hexadecimal, got \"" + word + "\"");
        }
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }

  private static int byCodePoints(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }

  /// Compiles rules.
  ///
  /// @param rules from strings that are not empty to what they become
  /// @return the compiled rules
  /// @throws IllegalArgumentException when too many rules begin alike, or there are too many
  public static byte[] compile(Map<String, String> rules) {
    TreeMap<String, Integer> places = new TreeMap<>(CharsmapBuilder::byCodePoints);
    rules.values().forEach(to -> places.put(to, 0));
    ByteArrayOutputStream replacements = new ByteArrayOutputStream();
    for (var entry : places.entrySet()) {
      entry.setValue(replacements.size());
      replacements.writeBytes(entry.getKey().getBytes(StandardCharsets.UTF_8));
      replacements.write(0);
    }
    List<String> keys = new ArrayList<>(rules.keySet());
    keys.sort(CharsmapBuilder::byCodePoints);
    byte[][] bytes = new byte[keys.size()][];
    int[] numbers = new int[keys.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = keys.get(i).getBytes(StandardCharsets.UTF_8);
      numbers[i] = places.getOrDefault(rules.getOrDefault(keys.get(i), ""), 0);
    }
    CharsmapBuilder builder = new CharsmapBuilder();
    builder.build(bytes, numbers);
    ByteBuffer out =
        ByteBuffer.allocate(4 + 4 * builder.units.length + replacements.size())
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(4 * builder.units.length);
    for (int unit : builder.units) {
      out.putInt(unit);
    }
    out.put(replacements.toByteArray());
    return out.array();
  }

  /// A stretch of keys that share their first bytes, which lead to a unit.
  private record Node(int unit, int from, int to, int depth, int rules) {}

  private void build(byte[][] keys, int[] values) {
    List<Node> open = new ArrayList<>();
    open.add(new Node(0, 0, keys.length, 0, 0));
    units[0] = 0;
    // A list that grows while it is read: no recursion, as a rule may be long.
    for (int next = 0; next < open.size(); next++) {
      Node node = open.get(next);
      int from = node.from;
      boolean leaf = keys[from].length == node.depth;
      int rules = node.rules + (leaf ? 1 : 0);
      if (rules >= MAX_PREFIXES) {
        throw new IllegalArgumentException(
            "normalization rules: expected fewer than "
                + MAX_PREFIXES
                + " rules that begin one another, got "
                + rules);
      }
      int value = leaf ? values[from++] : 0;
      List<Integer> starts = new ArrayList<>();
      for (int i = from; i < node.to; i++) {
        if (i == from || keys[i][node.depth] != keys[i - 1][node.depth]) {
          starts.add(i);
        }
      }
      int[] labels = new int[starts.size() + (leaf ? 1 : 0)];
      for (int i = 0; i < starts.size(); i++) {
        labels[i + (leaf ? 1 : 0)] = keys[starts.get(i)][node.depth] & 0xFF;
      }
      int base = place(labels);
      units[node.unit] |= (node.unit ^ base) << 10 | (leaf ? HAS_LEAF : 0);
      if (leaf) {
        units[base] = value | NO_LABEL;
      }
      for (int i = 0; i < starts.size(); i++) {
        int label = keys[starts.get(i)][node.depth] & 0xFF;
        units[base ^ label] = label;
        int to = i + 1 < starts.size() ? starts.get(i + 1) : node.to;
        open.add(new Node(base ^ label, starts.get(i), to, node.depth + 1, rules));
      }
    }
  }

  /// Finds a base that no other node has, from which all labels lead to free places.
  private int place(int[] labels) {
    while (firstFree < taken.length && taken[firstFree]) {
      firstFree++;
    }
    for (int unit = firstFree; ; unit++) {
      grow(unit);
      int base = unit ^ labels[0];
      if (!taken[unit] && !bases[base] && fits(base, labels)) {
        bases[base] = true;
        for (int label : labels) {
          taken[base ^ label] = true;
        }
        return base;
      }
    }
  }

  private boolean fits(int base, int[] labels) {
    for (int label : labels) {
      if (taken[base ^ label]) {
        return false;
      }
    }
    return true;
  }

  /// Units come in blocks of 256, so that no byte leads out of the array.
  private void grow(int unit) {
    if (unit < units.length) {
      return;
    }
    if (units.length == MAX_UNITS) {
      throw new IllegalArgumentException(
          "normalization rules: expected rules that fit into "
              + MAX_UNITS
              + " units, these are too many");
    }
    int old = units.length;
    units = Arrays.copyOf(units, old + BLOCK);
    taken = Arrays.copyOf(taken, old + BLOCK);
    bases = Arrays.copyOf(bases, old + BLOCK);
    Arrays.fill(units, old, old + BLOCK, NO_LABEL);
  }
}
