package dev.quintet.app.report;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What was trained on: files, what became of their rows and why, how long texts are and what of them was cut.
///
/// @param folder the run's
record DataPart(RunFolder folder) {

  List<Block> blocks() {
    var blocks = new ArrayList<Block>();
    lengths(blocks);
    if (folder.data().isEmpty()) {
      blocks.add(
          new Block.Text(
              "The rows were taken as they are: this run has no data.json, which says what cleaning, duplicates, splits and leakage did."));
      return blocks;
    }
    JsonObject data = folder.data().orElseThrow();
    windows(data, blocks);
    texts(data, "remarks").forEach(remark -> blocks.add(new Block.Warning(remark)));
    List<JsonObject> stages = objects(data, "stages");
    if (!stages.isEmpty()) {
      blocks.add(stages(stages));
      stages.forEach(stage -> examples(stage, blocks));
    }
    data.object("rows")
        .ifPresent(rows ->
            blocks.add(
                new Block.Table(
                    List.of("part", "rows in the end"),
                    rows.keysAsWritten().stream()
                        .map(part -> List.of(part, count(rows, part)))
                        .toList(),
                    1)));
    blocks.add(sources(objects(data, "sources")));
    return blocks;
  }

  private void lengths(List<Block> blocks) {
    var rows = new ArrayList<List<String>>();
    for (String part : List.of("training", "validation")) {
      folder
          .lastStart()
          .object(part)
          .ifPresent(json -> {
            for (String side : List.of("sources", "targets")) {
              json.object(side)
                  .ifPresent(lengths ->
                      rows.add(
                          List.of(
                              part + ", " + side,
                              count(json, "rows"),
                              count(lengths, "longest"),
                              count(lengths, "most"),
                              Words.share(
                                  lengths.whole("cut").orElse(0L), json.whole("rows").orElse(0L)),
                              count(lengths, "empty"))));
            }
            json.whole("packed_rows")
                .ifPresent(packed ->
                    blocks.add(
                        new Block.Text(
                            "%s: %s pairs share %s rows (packing)."
                                .formatted(part, count(json, "rows"), Words.count(packed)))));
          });
    }
    if (!rows.isEmpty()) {
      blocks.add(
          new Block.Table(
              List.of("texts", "rows", "longest, tokens", "kept, tokens", "cut", "empty"),
              rows,
              1));
    }
  }

  /// What became of sources that are cut in one column alone.
  private static void windows(JsonObject data, List<Block> blocks) {
    JsonObject tokens = data.object("tokens").orElse(JsonObject.of(java.util.Map.of()));
    for (String part : tokens.keysAsWritten()) {
      tokens
          .object(part)
          .flatMap(json -> json.object("windows"))
          .filter(counts -> counts.whole("sources_too_long").orElse(0L) > 0)
          .ifPresent(counts ->
              blocks.add(
                  new Block.Text(
                      "%s: %s sources are longer than the model reads, and cut into %s windows; %s of them hold no answer and are not learned from, and neither are %s rows of which none does."
                          .formatted(
                              part,
                              count(counts, "sources_too_long"),
                              count(counts, "windows"),
                              count(counts, "windows_without_answer"),
                              count(counts, "rows_without_answer")))));
    }
  }

  private static Block stages(List<JsonObject> stages) {
    var rows = new ArrayList<List<String>>();
    for (JsonObject stage : stages) {
      long in = stage.whole("rows_in").orElse(0L);
      long out = stage.whole("rows_out").orElse(0L);
      Optional<JsonObject> reasons = stage.object("reasons");
      String why =
          reasons
              .map(all ->
                  String.join(
                      "; ",
                      all.keysAsWritten().stream()
                          .map(reason ->
                              all.object(reason).map(one -> count(one, "rows")).orElse("?")
                                  + " "
                                  + reason)
                          .toList()))
              .orElse("");
      rows.add(
          List.of(
              stage.string("stage").orElse("?"),
              why,
              Words.count(in),
              Words.count(out),
              Words.count(in - out)));
    }
    return new Block.Table(List.of("stage", "what it met", "rows in", "rows out", "gone"), rows, 2);
  }

  private static void examples(JsonObject stage, List<Block> blocks) {
    JsonObject reasons = stage.object("reasons").orElse(JsonObject.of(java.util.Map.of()));
    var rows = new ArrayList<List<String>>();
    for (String reason : reasons.keysAsWritten()) {
      reasons
          .object(reason)
          .ifPresent(
              one -> texts(one, "examples").forEach(example -> rows.add(List.of(reason, example))));
    }
    if (!rows.isEmpty()) {
      blocks.add(
          new Block.Folded(
              "Examples of stage " + stage.string("stage").orElse("?"),
              List.of(new Block.Table(List.of("kind", "row"), rows, 2))));
    }
  }

  private static Block sources(List<JsonObject> sources) {
    return new Block.Folded(
        sources.size() == 1 ? "1 source file" : sources.size() + " source files",
        List.of(
            new Block.Table(
                List.of("file", "SHA-256", "bytes", "rows"),
                sources.stream()
                    .map(file ->
                        List.of(
                            file.string("file").orElse("?"),
                            file.string("sha256").orElse("?"),
                            count(file, "bytes"),
                            count(file, "rows")))
                    .toList(),
                2)));
  }

  private static String count(JsonObject json, String key) {
    return json.whole(key).map(Words::count).orElse("?");
  }

  private static List<String> texts(JsonObject json, String key) {
    return json.list(key).orElse(List.of()).stream().map(String::valueOf).toList();
  }

  static List<JsonObject> objects(JsonObject json, String key) {
    return json.list(key).orElse(List.of()).stream()
        .flatMap(item -> item instanceof JsonObject one ? Stream.of(one) : Stream.empty())
        .toList();
  }
}
