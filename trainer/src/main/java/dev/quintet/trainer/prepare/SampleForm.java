package dev.quintet.trainer.prepare;

import dev.quintet.trainer.data.Passage;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.Template;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// How a row becomes a sample.
///
/// @param prefix stands before every source, such as `summarize: `
/// @param source makes the source
/// @param target makes the target
/// @param several whether the target is one column, each of whose values is a right answer; else it is one text
/// @param id the column that names rows; their places where it is empty
/// @param kept other columns that go along, such as a group
/// @param cut the column that alone is cut where the source is too long for a model, such as a context; empty if none is
public record SampleForm(
    String prefix,
    Template source,
    Template target,
    boolean several,
    String id,
    List<String> kept,
    String cut) {

  /// Copies the list.
  ///
  /// @throws IllegalArgumentException if the column that is cut does not stand once in the source
  public SampleForm {
    kept = List.copyOf(new LinkedHashSet<>(kept));
    if (!cut.isEmpty() && source.times(cut) != 1) {
      throw new IllegalArgumentException(
          "the column \"%s\" cannot be cut: the source \"%s\" names it %d times, and not once; name another column with \"cut\", or leave that out"
              .formatted(cut, source, source.times(cut)));
    }
  }

  /// Sources and targets from columns or templates, without anything else.
  ///
  /// @param source the name of a column, or a template, which has braces
  /// @param target the name of a column, which may hold several right answers, or a template
  public static SampleForm of(String source, String target) {
    return new SampleForm(
        "", template(source), template(target), !isTemplate(target), "", List.of(), "");
  }

  /// The same with a text before every source.
  public SampleForm withPrefix(String prefix) {
    return new SampleForm(prefix, source, target, several, id, kept, cut);
  }

  /// The same with a column that names rows.
  public SampleForm withId(String id) {
    return new SampleForm(prefix, source, target, several, id, kept, cut);
  }

  /// The same with other columns that go along.
  public SampleForm withKept(List<String> kept) {
    return new SampleForm(prefix, source, target, several, id, kept, cut);
  }

  /// The same with a column of the source that alone is cut where the source is too long, so that the others stay whole.
  ///
  /// @throws IllegalArgumentException if it does not stand once in the source
  public SampleForm withCut(String cut) {
    return new SampleForm(prefix, source, target, several, id, kept, cut);
  }

  private static boolean isTemplate(String text) {
    return text.indexOf('{') >= 0;
  }

  private static Template template(String text) {
    return isTemplate(text) ? Template.of(text) : Template.column(text);
  }

  /// The columns of texts, which are cleaned.
  public SequencedSet<String> texts() {
    var texts = source.columns();
    texts.addAll(target.columns());
    return texts;
  }

  /// All columns that it reads.
  public SequencedSet<String> columns() {
    var columns = texts();
    if (!id.isEmpty()) {
      columns.add(id);
    }
    columns.addAll(kept);
    return columns;
  }

  /// The sample of a row.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if the row lacks a column, or has no answer
  public Sample sample(Row row) {
    List<String> answers =
        several ? row.values(target.columns().getFirst()) : List.of(target.text(row));
    if (answers.isEmpty()) {
      throw row.broken(
          "has no answer: the list \"%s\" is empty (give it one, if only an empty text, or drop such rows: \"drop\": {\"empty_target\": true})"
              .formatted(target.columns().getFirst()));
    }
    var others = new LinkedHashMap<String, String>();
    kept.forEach(name -> others.put(name, row.text(name)));
    return new Sample(
        id.isEmpty() ? row.place() : row.text(id),
        prefix + source.text(row),
        answers,
        others,
        cut.isEmpty()
            ? Optional.empty()
            : source
                .place(row, cut)
                .map(at -> new Passage(prefix.length() + at.from(), prefix.length() + at.to())));
  }

  /// Whether the list of a row's answers is empty.
  boolean hasNoAnswer(Row row) {
    return several && row.values(target.columns().getFirst()).isEmpty();
  }

  /// Whether nothing of a row goes into the source but the template's own words.
  boolean hasEmptySource(Row row) {
    return source.columns().stream().allMatch(name -> row.text(name).isBlank());
  }

  /// Whether nothing of a row goes into the target but the template's own words.
  boolean hasEmptyTarget(Row row) {
    return target.columns().stream().allMatch(name -> row.text(name).isBlank());
  }
}
