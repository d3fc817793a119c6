package dev.quintet.tokenizers.dual;

import java.util.ArrayList;
import java.util.List;

/// A text's cuts in their order; neighbours of one kind become one.
final class CutList {

  private final List<Cut> cuts = new ArrayList<>();

  void add(int start, int end, boolean code) {
    if (start == end) {
      return;
    }
    if (!cuts.isEmpty() && cuts.getLast().code() == code && cuts.getLast().end() == start) {
      cuts.add(new Cut(cuts.removeLast().start(), end, code));
    } else {
      cuts.add(new Cut(start, end, code));
    }
  }

  List<Cut> list() {
    return cuts;
  }
}
