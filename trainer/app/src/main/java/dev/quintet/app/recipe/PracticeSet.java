package dev.quintet.app.recipe;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// Rows made from templates, in which a small model finds a rule within half a minute: what a recipe is tried on
/// before it gets data of one's own.
///
/// All rows are different, so that no row is both learned from and asked for.
enum PracticeSet {
  /// A person, three sentences on her, and a question about one of them.
  QA(new QuestionRows()),
  /// A short report of which one sentence matters.
  SUMMARY(new ReportRows()),
  /// A question from a forum, and what it is about.
  TAGS(new TopicRows()),
  /// A review, and whether it is good.
  CLASSIFY(new ReviewRows()),
  /// Facts, asked for in several ways; each fact is learned in some of them and asked for in another.
  CLOSED_BOOK(new FactRows()),
  /// A sentence, word for word in a made-up language.
  TRANSLATE(new SentenceRows()),
  /// The body of a small Java method, and its name.
  METHOD_NAMES(new BodyRows());

  private static final long SITE = Site.of("practice");

  private final Rows rows;

  PracticeSet(Rows rows) {
    this.rows = rows;
  }

  /// What makes rows.
  interface Rows {
    /// Draws a row.
    ///
    /// @param part which part of the set it is for
    SequencedMap<String, Object> draw(Draw draw, Part part);

    /// How many rows a part has.
    default int size(Part part) {
      return part.size;
    }

    /// The rows that a part may not share with another; by default all of the row but its answer.
    default Object key(SequencedMap<String, Object> row) {
      var key = new ArrayList<Object>(row.values());
      key.removeLast();
      return key;
    }
  }

  /// A part of a set, and how many rows it has.
  enum Part {
    /// What is learned from.
    TRAIN(2000),
    /// What decides which model is best.
    VALIDATION(100),
    /// What is asked at the end.
    TEST(300);

    private final int size;

    Part(int size) {
      this.size = size;
    }

    /// The stem of the part's file.
    String stem() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The rows of all parts: columns by name, strings or lists of strings; the answer is the last. They are the same whenever
  /// they are asked for.
  Map<Part, List<SequencedMap<String, Object>>> rows() {
    var seen = new HashSet<Object>();
    var all = new EnumMap<Part, List<SequencedMap<String, Object>>>(Part.class);
    for (Part part : Part.values()) {
      var some = new ArrayList<SequencedMap<String, Object>>();
      var draw = new Draw(Philox.of(ordinal(), SITE + part.ordinal()));
      while (some.size() < rows.size(part)) {
        SequencedMap<String, Object> row = rows.draw(draw, part);
        if (seen.add(rows.key(row))) {
          row.putFirst("id", part.stem() + "-" + (some.size() + 1));
          some.add(row);
        }
      }
      all.put(part, some);
    }
    return all;
  }
}
