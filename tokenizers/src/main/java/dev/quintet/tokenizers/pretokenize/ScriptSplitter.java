package dev.quintet.tokenizers.pretokenize;

import dev.quintet.tokenizers.text.ReferenceUnicode;
import dev.quintet.tokenizers.text.Scripts;

/// Cuts where the script changes, as Hugging Face's `UnicodeScripts` does: a space, and what
/// Unicode 9 lacks, belongs to what is before it; before any other character it is dropped.
final class ScriptSplitter implements Splitter {

  private static final int NOWHERE = -1;

  private final Scripts scripts = Scripts.load();

  @Override
  public void split(String text, int start, int end, Sink sink) {
    int from = NOWHERE;
    byte last = Scripts.COMMON;
    int c;
    for (int i = start; i < end; i += Character.charCount(c)) {
      c = text.codePointAt(i);
      byte script = scripts.of(c);
      if (script == Scripts.COMMON && !ReferenceUnicode.isCommon(c)) {
        continue;
      }
      if (from == NOWHERE) {
        from = i;
      } else if (script != last) {
        sink.word(from, i);
        from = i;
      }
      last = script;
    }
    if (from != NOWHERE) {
      sink.word(from, end);
    }
  }
}
