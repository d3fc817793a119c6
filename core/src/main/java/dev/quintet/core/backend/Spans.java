package dev.quintet.core.backend;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The parameters that an optimizer updates, as a table in device memory: built once, and anew when what trains changes.
///
/// @param rows one for each parameter, in a fixed order
/// @param table address of the rows, [Span#words] of each; 0 where there are none
public record Spans(List<Span> rows, long table) {
  /// A table without rows.
  public static final Spans NONE = new Spans(List.of(), 0);

  /// Writes a table into device memory.
  public static Spans of(Memory memory, List<Span> rows) {
    long[] words = new long[rows.size() * Span.WORDS];
    long before = 0;
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i).words(before), 0, words, i * Span.WORDS, Span.WORDS);
      before += rows.get(i).axes().elements();
    }
    long bytes = (long) words.length * Long.BYTES;
    long table = memory.allocate(bytes);
    memory.write(MemorySegment.ofArray(words), table, bytes);
    return new Spans(List.copyOf(rows), table);
  }

  /// Frees the table.
  public void release(Memory memory) {
    if (table != 0) {
      memory.release(table, (long) rows.size() * Span.WORDS * Long.BYTES);
    }
  }
}
