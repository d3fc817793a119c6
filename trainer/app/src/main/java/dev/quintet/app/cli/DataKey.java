package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.rows.RowFormat;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The keys of `data`'s file and of the object `data` in `train`'s: what each takes and what it means.
enum DataKey {
  FILES(
      "names",
      "files of rows, folders, and patterns such as rows/*.jsonl.gz; a text or a list. Their rows are dealt to the parts"),
  TRAIN("names", "in place of files: those to learn from"),
  VALIDATION("names", "beside train: those that decide which model is best"),
  TEST("names", "beside train: those that nobody looks at before the end"),
  FORMAT("a name", "one of " + RowFormat.Kind.words() + ". Default: by each file's name"),
  ENCODING("a name", "one of " + String.join(", ", RowFormat.ENCODINGS) + ". Default: utf-8"),
  DELIMITER("a character", "between fields of csv. Default: ,"),
  HEADER("a list of names", "of the columns, for csv and tsv that do not begin with them"),
  AT("keys", "joined by dots, below which a json file has its array"),
  UNIT("line, paragraph or file", "what a row of text is. Default: line"),
  SCALARS(
      "refuse or text",
      "numbers and booleans of JSON; text takes them as written. Default: refuse"),
  LISTS(
      "true or false",
      "take lists of strings: several answers, or joined in a template. Default: false"),
  BAD_ROWS("fail or skip", "what becomes of rows that break their format. Default: fail"),
  BAD_ROWS_LIMIT("a share", "of all rows, above which skipping fails after all. Default: 0.01"),
  COLUMNS(
      "an object",
      "names for columns, each with its path in JSON or its name in csv: {\"answer\": \"answers.text[0]\"}"),
  SOURCE(
      "a column or template",
      "what the model reads: question, or \"question: {question} context: {context}\". Default: source; of text, text"),
  TARGET(
      "a column or template",
      "what it should say; of a column with a list all are right. Default: target"),
  CUT(
      "a column",
      "of source, such as context: where a source is longer than max_source, it alone is cut. Default: the source's end is"),
  STRIDE(
      "a whole number",
      "cuts that column into windows that have so many tokens in common: the model learns from those that hold an answer, and"
          + " answers in each, of which the likeliest counts. Default: its beginning alone"),
  PREFIX("a text", "before every source, such as \"summarize: \""),
  ID("a column", "that names rows. Default: file and line"),
  KEEP("a list of columns", "that go along, such as a group"),
  CLEAN(
      "an object or false",
      "markup, normalize (NFC, NFKC, NFD, NFKD), controls, space, lower. Default: controls and space"),
  DROP(
      "an object",
      "empty_source, empty_target, target_in_source: true; source_characters, target_characters, source_tokens,"
          + " target_tokens: {\"least\": 3, \"most\": 500}; letters: a share; language: {\"column\": \"lang\", \"is\": [\"en\"]}"),
  TOKENIZER("a file or folder", "that counts tokens for drop"),
  DUPLICATES("drop or keep", "rows with the same texts as an earlier one. Default: drop"),
  NEAR_DUPLICATES("drop or keep", "rows with nearly the same texts (Jaccard 0.8). Default: keep"),
  CONFLICTS("keep, drop or first", "rows with one source and different targets. Default: keep"),
  SPLIT(
      "an object",
      "by: hash, rows, group, column or strata; column; train, validation, test: shares; salt or seed. Default: by hash, 0.8, 0.1, 0.1"),
  LEAKAGE(
      "drop, fail or allow",
      "rows of train whose source is in validation or test, or nearly. Default: drop"),
  AUGMENT(
      "an object",
      "copies of rows to train on: eda: true, or {\"edits\": [swap, delete, synonym, insert], \"alpha\": 0.1, \"synonyms\": a file with word,"
          + " tab, and synonyms with commas}; identifiers: true renames locals of Java code; back_translation: {\"there\": a model,"
          + " \"back\": a model, there_prefix, back_prefix, beams (default: sampled)}; copies: of a row by each (default: 16, 8 or 4 by eda,"
          + " else 1); columns; seed; each_epoch: true makes others in each epoch, in train alone"),
  STREAM("true or false", "read files again rather than keep rows in memory. Default: false"),
  SHUFFLE_BUFFER(
      "a whole number",
      "with stream: read the training rows from beginning to end, through a buffer of so many rows from which each is drawn,"
          + " for disks that are slow elsewhere. Default: an epoch's rows are shuffled as a whole, and reached where they are"),
  OUT("a folder", "for train.jsonl, validation.jsonl, test.jsonl and data.json");

  /// Those that stand beside the object `data` of `train`, not in it.
  private static final List<DataKey> OUTSIDE = List.of(TRAIN, VALIDATION, TEST, OUT);

  /// Those that stand only in the object `data` of `train`, where there are a model's tokens, and epochs.
  private static final List<DataKey> FOR_TRAINING = List.of(CUT, STRIDE, SHUFFLE_BUFFER);

  private final String takes;
  private final String meaning;

  DataKey(String takes, String meaning) {
    this.takes = takes;
    this.meaning = meaning;
  }

  /// The key as it stands in the file.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// All keys.
  static List<String> keys() {
    return Arrays.stream(values()).map(DataKey::key).toList();
  }

  /// The keys of the object in `train`'s file.
  static List<String> keysInside() {
    return Arrays.stream(values()).filter(key -> !OUTSIDE.contains(key)).map(DataKey::key).toList();
  }

  /// Refuses, of parts that no model learns from yet, the keys that are for a training.
  static void refuseForTraining(JsonObject json) {
    for (DataKey key : FOR_TRAINING) {
      if (json.has(key.key())) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" is for the object \"data\" of train; leave it out"
                .formatted(json.source(), key.key()));
      }
    }
    if (json.object("augment").flatMap(augment -> augment.bool("each_epoch")).orElse(false)) {
      throw new IllegalArgumentException(
          json.source()
              + ": \"each_epoch\" in \"augment\" is for the object \"data\" of train, where there are epochs; leave it out");
    }
  }

  /// Each key with what it takes and means.
  static KeyHelp help() {
    Map<String, String> keys = new LinkedHashMap<>();
    for (DataKey key : values()) {
      keys.put(
          key.key(),
          key.takes + (FOR_TRAINING.contains(key) ? ", in train alone: " : ": ") + key.meaning);
    }
    return new KeyHelp(
        "Keys of the file, which --set takes too; files (or train) and out are needed", keys);
  }
}
