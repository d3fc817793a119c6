package dev.quintet.trainer.prepare;

import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;

/// Rows that are augmented once it is known which are learned from: those of a fold, or those of an epoch.
///
/// Its samples are those of the preparation that it comes from, and no others.
public final class RowCopies {
  private final Augmentation asked;
  private final SampleForm form;
  private final IdentityHashMap<Sample, Row> rows;

  /// @param rows of which each sample was made
  RowCopies(Augmentation asked, SampleForm form, IdentityHashMap<Sample, Row> rows) {
    this.asked = asked;
    this.form = form;
    this.rows = rows;
  }

  /// Rows to learn from, and what came of augmenting them.
  ///
  /// @param pairs the rows, each with its copies behind it
  /// @param stage how many copies were made, and how many not, by reason
  public record Made(Pairs pairs, Stage stage) {}

  /// Augments rows once; a copy that cannot be made is left out.
  ///
  /// @param learn rows to learn from
  /// @param scored rows to score, of whose sources no copy is one
  public Made once(List<Sample> learn, List<Sample> scored) {
    return made(learn, texts(scored), 0, false);
  }

  /// Augments rows for the first epoch, as [#eachEpoch] does.
  ///
  /// @param learn rows to learn from
  /// @param scored rows to score, of whose sources no copy is one
  public Made first(List<Sample> learn, List<Sample> scored) {
    return made(learn, texts(scored), 0, true);
  }

  /// Augments rows anew for each epoch, counted from 0: always as many, since the row itself stands where a copy cannot be
  /// made. An epoch's are the same whenever it is asked for.
  ///
  /// @param learn rows to learn from
  /// @param scored rows to score, of whose sources no copy is one
  public LongFunction<Pairs> eachEpoch(List<Sample> learn, List<Sample> scored) {
    List<Sample> all = List.copyOf(learn);
    Set<String> texts = texts(scored);
    return epoch -> made(all, texts, epoch, true).pairs();
  }

  private Set<String> texts(List<Sample> scored) {
    var texts = new HashSet<String>();
    scored.forEach(
        sample -> texts.add(NormalForm.of(sample.source().substring(form.prefix().length()))));
    return texts;
  }

  private Made made(List<Sample> learn, Set<String> scored, long epoch, boolean filled) {
    var stage = new Stage("augmentation");
    var copies = new Copies(asked, form, stage);
    copies.forget();
    learn.forEach(sample -> copies.see(row(sample)));
    var pairs = new ArrayList<Sample>();
    var how =
        new Copies.Ask(learn.size(), epoch, filled, text -> scored.contains(NormalForm.of(text)));
    for (Sample sample : learn) {
      stage.came();
      List<Sample> own = copies.of(row(sample), sample, how);
      pairs.add(sample);
      pairs.addAll(own);
      for (int i = 0; i <= own.size(); i++) {
        stage.stayed();
      }
    }
    copies.done();
    return new Made(Pairs.ofSamples(pairs), stage);
  }

  private Row row(Sample sample) {
    return Optional.ofNullable(rows.get(sample))
        .orElseThrow(() ->
            new IllegalArgumentException(
                sample.id() + " is no sample of the preparation whose rows are augmented"));
  }
}
