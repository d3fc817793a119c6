package dev.quintet.trainer.prepare;

import dev.quintet.trainer.augment.Augmenter;
import dev.quintet.trainer.augment.Draw;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;

/// Makes the copies of rows that an augmentation asks for, and counts what came of it.
final class Copies {
  private final Augmentation asked;
  private final SampleForm form;
  private final Stage stage;
  private final List<String> columns;

  /// @param stage hears of copies and of what is cancelled
  Copies(Augmentation asked, SampleForm form, Stage stage) {
    this.asked = asked;
    this.form = form;
    this.stage = stage;
    this.columns =
        asked.columns().isEmpty() ? List.copyOf(form.source().columns()) : asked.columns();
    for (String column : columns) {
      if (!form.source().columns().contains(column)) {
        throw new IllegalArgumentException(
            "the column \"%s\" cannot be augmented, for the source is not made of it but of %s"
                .formatted(column, form.source().columns()));
      }
    }
  }

  /// How copies are made.
  ///
  /// @param rows that there are to train on
  /// @param epoch for which they are
  /// @param filled whether the row itself stands for a copy that cannot be made
  /// @param scored whether a source is in a part that is scored
  record Ask(long rows, long epoch, boolean filled, Predicate<String> scored) {}

  /// Has the augmenters forget the rows that they were shown.
  void forget() {
    asked.augmenters().forEach(Augmenter::forget);
  }

  /// Shows a row to train on to the augmenters, before the first is changed.
  void see(Row row) {
    for (Augmenter augmenter : asked.augmenters()) {
      columns.forEach(column -> row.values(column).forEach(augmenter::see));
    }
  }

  /// The copies of a row.
  List<Sample> of(Row row, Sample sample, Ask ask) {
    var copies = new ArrayList<Sample>();
    var sources = new HashSet<String>(List.of(sample.source()));
    long number = Draw.row(sample.source() + "\u001F" + String.join("\u001F", sample.answers()));
    for (Augmenter augmenter : asked.augmenters()) {
      int count = asked.copies().orElse(augmenter.copies(ask.rows()));
      for (int copy = 0; copy < count; copy++) {
        var change = new Change(augmenter, new Draw(asked.seed(), ask.epoch(), number, copy));
        Sample changed = form.sample(row.map(columns, change::text));
        String source = changed.source();
        String cancelled = change.cancelled;
        if (!change.made) {
          cancelled = cancelled.isEmpty() ? "no text" : cancelled;
        } else if (!sources.add(source)) {
          cancelled = "the same as the row or another copy";
        } else if (lostSpan(sample, source)) {
          cancelled = "the answer no longer stands in the source";
        } else if (ask.scored().test(source.substring(form.prefix().length()))) {
          cancelled = "the text is in the validation or test part";
        } else {
          cancelled = "";
        }
        if (cancelled.isEmpty()) {
          stage.met("copies by " + change.kind, sample.id(), source);
          copies.add(copy(sample, copies.size() + 1, changed));
        } else {
          stage.met("cancelled " + change.kind + ": " + cancelled, sample.id(), sample.source());
          if (ask.filled()) {
            copies.add(copy(sample, copies.size() + 1, sample));
          }
        }
      }
    }
    return copies;
  }

  private static Sample copy(Sample sample, int number, Sample changed) {
    return new Sample(
        sample.id() + "+" + number,
        changed.source(),
        sample.answers(),
        sample.columns(),
        changed.passage());
  }

  /// Whether the answer stood in the source, word by word, and does not in the copy.
  private static boolean lostSpan(Sample sample, String copy) {
    String answer = sample.answers().getFirst();
    return sample.source().contains(answer) && !copy.contains(answer);
  }

  void done() {
    asked.augmenters().forEach(Augmenter::done);
  }

  /// What becomes of the texts of one copy.
  private static final class Change {
    private final Augmenter augmenter;
    private final Draw draw;
    private String kind = "";
    private String cancelled = "";
    private boolean made;

    Change(Augmenter augmenter, Draw draw) {
      this.augmenter = augmenter;
      this.draw = draw;
    }

    String text(String text) {
      return switch (augmenter.change(text, draw)) {
        case Augmenter.Outcome.Made(String how, String other) -> {
          kind = how;
          made = true;
          yield other;
        }
        case Augmenter.Outcome.Cancelled(String how, String reason) -> {
          kind = how;
          cancelled = cancelled.isEmpty() ? reason : cancelled;
          yield text;
        }
      };
    }
  }
}
