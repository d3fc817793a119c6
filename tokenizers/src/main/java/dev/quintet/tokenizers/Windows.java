package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.Truncation;
import dev.quintet.tokenizers.pipeline.PostProcessor.Part;
import dev.quintet.tokenizers.pipeline.PostProcessor.Typed;
import java.util.ArrayList;
import java.util.List;

/// Cuts the tokens of one text or two into windows that are short enough; the rules are those of Hugging Face's
/// library. But for two things: since 0.23 that library encodes no more words of a text than its first window needs,
/// and so loses the rest that it is asked to keep, and takes a longer text for as long as the other one; and where
/// there are more special tokens than the maximum, it cuts nothing.
final class Windows {

  private final Truncation how;
  private final boolean keepRest;

  /// @param keepRest whether what is cut off becomes further windows
  Windows(Truncation how, boolean keepRest) {
    this.how = how;
    this.keepRest = keepRest;
  }

  /// Cuts.
  ///
  /// @param texts one text or two
  /// @param reserved how many special tokens are to come
  /// @throws IllegalArgumentException when it cannot be done, for one of the reference's reasons
  List<Part> cut(List<Part> texts, int reserved) {
    int most = how.maxLength() - reserved;
    int total = 0;
    for (Part text : texts) {
      total += text.first().size();
    }
    if (total <= most) {
      return texts;
    }
    if (most < 0) {
      throw refused("leaves no room for it: " + reserved + " are special", total);
    }
    List<Part> out = new ArrayList<>(texts);
    if (most == 0) {
      out.replaceAll(text -> windows(text, 0));
      return out;
    }
    switch (how.strategy()) {
      case LONGEST_FIRST -> longestFirst(out, most);
      case ONLY_FIRST -> only(out, 0, total - most, total);
      case ONLY_SECOND -> {
        if (texts.size() < 2) {
          throw refused("cuts only a second text", total);
        }
        only(out, 1, total - most, total);
      }
    }
    return out;
  }

  private void longestFirst(List<Part> texts, int most) {
    if (texts.size() == 1) {
      texts.set(0, windows(texts.getFirst(), most));
      return;
    }
    int first = texts.get(0).first().size();
    int second = texts.get(1).first().size();
    int shorter = Math.min(first, second);
    int longer = shorter > most ? shorter : Math.max(shorter, most - shorter);
    if (shorter + longer > most) {
      shorter = most / 2;
      longer = shorter + most % 2;
    }
    texts.set(0, windows(texts.get(0), first > second ? longer : shorter));
    texts.set(1, windows(texts.get(1), first > second ? shorter : longer));
  }

  private void only(List<Part> texts, int which, int excess, int total) {
    Part text = texts.get(which);
    if (text.first().size() <= excess) {
      throw refused("cuts only a text that is too short for that", total);
    }
    texts.set(which, windows(text, text.first().size() - excess));
  }

  private Part windows(Part text, int most) {
    Typed all = text.first();
    int size = all.size();
    if (most >= size) {
      return text;
    }
    if (most == 0) {
      return new Part(text.text(), all.part(0, 0), keepRest ? List.of(all) : List.of());
    }
    if (how.stride() >= most) {
      throw new IllegalArgumentException(
          "encode: expected a stride smaller than the "
              + most
              + " tokens of a text that a window has room for, got "
              + how.stride()
              + "; choose a longer maximum or a smaller stride");
    }
    List<Typed> windows = new ArrayList<>();
    int step = most - how.stride();
    boolean last = false;
    for (int done = 0; !last && (keepRest || windows.isEmpty()); done += step) {
      int from = how.left() ? Math.max(0, size - done - most) : done;
      int to = how.left() ? size - done : Math.min(size, done + most);
      last = how.left() ? from == 0 : to == size;
      windows.add(all.part(from, to));
    }
    return new Part(text.text(), windows.getFirst(), windows.subList(1, windows.size()));
  }

  private IllegalArgumentException refused(String why, int got) {
    return new IllegalArgumentException(
        "encode: expected a text that fits into "
            + how.maxLength()
            + " tokens, as the truncation "
            + why
            + "; got "
            + got);
  }
}
