package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.prepare.DataReport;
import dev.quintet.trainer.prepare.Part;
import dev.quintet.trainer.prepare.Preparation;
import dev.quintet.trainer.prepare.RowCopies;
import dev.quintet.trainer.prepare.TaskLeakage;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.RowFiles;
import dev.quintet.trainer.rows.RowFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The settings of `train` that say what it learns from.
///
/// @param settings all of them
record DataSettings(SettingsJson settings) {

  /// Refuses settings without data, and keys of another objective.
  void check() {
    JsonObject json = settings.json();
    if (json.has("tasks")) {
      new TaskSettings(settings).check();
      refuseSpans();
      return;
    }
    if (json.has("mixture")) {
      throw new IllegalArgumentException(
          json.source() + ": the key \"mixture\" is for several tasks, which \"tasks\" lists");
    }
    if (json.object("data").filter(data -> data.has("files")).isPresent()) {
      if (json.has("train") || json.has("validation")) {
        throw new IllegalArgumentException(
            "%s: the key \"files\" of \"data\", whose rows are dealt, excludes \"train\" and \"validation\""
                .formatted(json.source()));
      }
    } else {
      if (PreparationSettings.names(json, "train").isEmpty()) {
        throw settings.missing("train", "it names a path");
      }
    }
    if (isPrepared()) {
      preparation().check(DataKey.keysInside());
      if (preparation().isStreamed()
          && settings.json().bool(TrainKey.PACKING.key()).orElse(false)) {
        throw json.wrong("data", "without \"stream\" where pairs are packed", "streamed");
      }
      if (preparation().augmentsEachEpoch()) {
        refuseBesideEachEpoch();
      }
      if (spans() && json.object("data").filter(data -> data.has("cut")).isPresent()) {
        throw json.wrong(
            "data", "without \"cut\" where the objective is span_corruption", "with it");
      }
      if (preparation().isStreamed() && spans()) {
        throw json.wrong(
            "data", "without \"stream\" where the objective is span_corruption", "streamed");
      }
    } else {
      settings.path("train");
      json.string("validation");
    }
    refusePacking();
    refuseSpans();
  }

  private void refuseBesideEachEpoch() {
    JsonObject json = settings.json();
    String other =
        json.bool(TrainKey.PACKING.key()).orElse(false)
            ? "\"packing\""
            : stride().isPresent() ? "\"stride\"" : spans() ? "the objective span_corruption" : "";
    if (!other.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: \"each_epoch\" in \"augment\" and %s exclude each other: each epoch has as many examples as the first"
              .formatted(json.source(), other));
    }
  }

  private void refuseSpans() {
    JsonObject json = settings.json();
    for (TrainKey key : List.of(TrainKey.NOISE_DENSITY, TrainKey.MEAN_SPAN)) {
      if (!spans() && json.has(key.key())) {
        throw new IllegalArgumentException(
            "%s: the key \"%s\" is for the objective span_corruption alone"
                .formatted(json.source(), key.key()));
      }
    }
  }

  private void refusePacking() {
    if (spans() && settings.json().bool(TrainKey.PACKING.key()).orElse(false)) {
      throw new IllegalArgumentException(
          "%s: the key \"packing\" is for pairs; pieces of running text are as long as a row already"
              .formatted(settings.json().source()));
    }
  }

  /// Gives a trainer its data.
  ///
  /// @param out the folder of the run
  /// @param say told what went on the way
  void apply(Trainer trainer, Path out, Consumer<String> say) {
    JsonObject json = settings.json();
    if (json.has("tasks")) {
      new TaskSettings(settings).apply(trainer, out, say);
      return;
    }
    if (spans()) {
      trainer.spans(
          json.number(TrainKey.NOISE_DENSITY.key()).orElse(SpanCorruption.DENSITY),
          json.number(TrainKey.MEAN_SPAN.key()).orElse(SpanCorruption.MEAN_SPAN));
    }
    json.bool(TrainKey.PACKING.key()).ifPresent(trainer::packing);
    if (isPrepared()) {
      prepared(trainer, out, say);
      return;
    }
    Optional<Path> validation = json.string("validation").map(Path::of);
    Path train = settings.path("train");
    if (!spans()) {
      String source = json.string("source_field").orElse("source");
      String target = json.string("target_field").orElse("target");
      trainer.data(
          pairs(train, source, target),
          validation.map(file -> pairs(file, source, target)).orElse(Pairs.of(List.of())));
      return;
    }
    String field = json.string("source_field").orElse("text");
    trainer.documents(
        texts(train, field), validation.map(file -> texts(file, field)).orElse(List.of()));
  }

  // ---- prepared data ----

  /// Whether the data is more than a file of JSON lines that is taken as it is.
  private boolean isPrepared() {
    JsonObject json = settings.json();
    return json.has("data")
        || json.has("test")
        || Stream.of("train", "validation")
            .flatMap(key -> json.value(key).stream())
            .anyMatch(value -> !(value instanceof String name) || isOther(name));
  }

  private static boolean isOther(String name) {
    boolean pattern = name.matches(".*[*?\\[{].*");
    boolean format =
        RowFormat.Kind.of(Path.of(pattern ? "rows.jsonl" : name))
            .filter(kind -> kind != RowFormat.Kind.JSONL && kind != RowFormat.Kind.TEXT)
            .isPresent();
    return pattern || format || name.endsWith(".gz") || Files.isDirectory(Path.of(name));
  }

  /// Tokens that windows of long sources have in common; nothing where they are not cut into windows.
  OptionalInt stride() {
    if (settings.json().has("tasks")) {
      return new TaskSettings(settings).stride();
    }
    return isPrepared() ? preparation().stride() : OptionalInt.empty();
  }

  private PreparationSettings preparation() {
    JsonObject json = settings.json();
    String source = json.string("source_field").orElse(spans() ? "text" : "source");
    String target = spans() ? source : json.string("target_field").orElse("target");
    JsonObject data =
        json.object("data").orElse(JsonObject.of(json.source(), Map.<String, Object>of()));
    return new PreparationSettings(JsonObject.of(json.source(), data.values()), source, target);
  }

  private void prepared(Trainer trainer, Path out, Consumer<String> say) {
    PreparationSettings how = preparation();
    if (how.isStreamed()) {
      new StreamedParts(settings.json(), out.resolve("data"), say)
          .apply(trainer, how, how.files("files"), PreparationSettings.parts(settings.json(), how));
      return;
    }
    Preparation.Prepared prepared = prepared(how);
    Pairs.Splits splits = prepared.splits();
    if (how.augmentsEachEpoch()) {
      var rows = LearnedRows.augmented(splits, prepared.copies().orElseThrow(), true, List.of());
      DataReport report =
          prepared.report().with(rows.stage().orElseThrow(), List.of(LearnedRows.ANEW));
      trainer.listener(DataReportFile.of(out.resolve(PartFiles.REPORT), report, say));
      rows.apply(trainer);
      return;
    }
    trainer.listener(DataReportFile.of(out.resolve(PartFiles.REPORT), prepared.report(), say));
    if (spans()) {
      trainer.documents(sources(splits.train()), sources(splits.validation()));
    } else {
      trainer.data(splits);
    }
  }

  /// The rows of a task, prepared in memory.
  TaskLeakage.Task task(String name) {
    PreparationSettings how = preparation();
    return new TaskLeakage.Task(name, prepared(how), how.form().prefix(), how.leakage());
  }

  private Preparation.Prepared prepared(PreparationSettings how) {
    Preparation preparation = how.preparation();
    return how.files("files")
        .map(preparation::run)
        .orElseGet(() -> preparation.run(PreparationSettings.parts(settings.json(), how)));
  }

  /// The test part; empty where there is none, or it is not kept in memory.
  Pairs test() {
    boolean named = settings.json().has("test");
    boolean dealt = settings.json().object("data").filter(data -> data.has("files")).isPresent();
    if (spans() || !named && !dealt) {
      return Pairs.of(List.of());
    }
    PreparationSettings how = preparation();
    if (how.isStreamed()) {
      System.err.println("the test part stays closed, for the rows are streamed");
      return Pairs.of(List.of());
    }
    return prepared(how).splits().test();
  }

  /// Rows that somebody else deals to parts.
  ///
  /// @param samples with the columns that were asked for
  /// @param report what went on the way; nothing where the rows are taken as they are
  /// @param copies augments those that are learned from, where that is asked for
  /// @param anew whether for each epoch
  record Rows(
      List<Sample> samples,
      Optional<DataReport> report,
      Optional<RowCopies> copies,
      boolean anew) {}

  /// All rows of `files`, or of `train`, read and cleaned, but not dealt.
  ///
  /// @param columns that go along
  Rows rows(List<String> columns) {
    JsonObject json = settings.json();
    if (isPrepared()) {
      PreparationSettings how = preparation().keeping(columns);
      RowFiles files = how.files("files").orElseGet(() -> how.files(names()));
      Preparation.Prepared all =
          how.preparation().augmentLater(how.augments()).run(Map.of(Part.TRAIN, files));
      return new Rows(
          all.splits().train().samples(),
          Optional.of(all.report()),
          all.copies(),
          how.augmentsEachEpoch());
    }
    String source = json.string("source_field").orElse("source");
    String target = json.string("target_field").orElse("target");
    var read = new LinkedHashSet<>(List.of(source, target));
    read.addAll(columns);
    String file = json.required("train", JsonObject::string);
    List<Row> rows = RowFiles.of(file).columns(read.toArray(String[]::new)).all();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file + " holds no rows");
    }
    return new Rows(
        rows.stream()
            .map(row -> {
              var others = new LinkedHashMap<String, String>();
              columns.forEach(column -> others.put(column, row.text(column)));
              return new Sample(row.place(), row.text(source), List.of(row.text(target)), others);
            })
            .toList(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private List<String> names() {
    return PreparationSettings.names(settings.json(), "train").orElseThrow();
  }

  private static List<String> sources(Pairs pairs) {
    return pairs.list().stream().map(TextPair::source).toList();
  }

  /// Keys that change nothing here, a message each.
  List<String> remarks() {
    return spans()
        ? Stream.of("target_field", "max_target")
            .filter(settings.json()::has)
            .map(key -> key + " changes nothing: targets are what span_corruption hides")
            .toList()
        : List.of();
  }

  private boolean spans() {
    String objective = settings.json().string("objective").orElse("seq2seq");
    return switch (objective) {
      case "seq2seq" -> false;
      case "span_corruption" -> true;
      default -> throw settings.json().wrong("objective", "seq2seq or span_corruption", objective);
    };
  }

  /// Rows of a file, of which there have to be some.
  private static Pairs pairs(Path file, String source, String target) {
    Pairs pairs = Pairs.jsonl(file, source, target);
    if (pairs.size() == 0) {
      throw new IllegalArgumentException(
          file
              + " holds no rows; expected JSON objects, one a line (no validation at all needs no file)");
    }
    return pairs;
  }

  private static List<String> texts(Path file, String field) {
    return sources(pairs(file, field, field));
  }
}
