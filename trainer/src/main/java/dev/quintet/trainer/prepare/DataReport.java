package dev.quintet.trainer.prepare;

import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.rows.RowReader.SourceFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// What a preparation read, what became of it at each stage and why, and what is left: `data.json`.
///
/// @param sources the files, with their SHA-256
/// @param stages in their order
/// @param parts rows of each part in the end
/// @param remarks what a user should know, a sentence each
public record DataReport(
    List<SourceFile> sources,
    List<Stage> stages,
    SequencedMap<Part, Long> parts,
    List<String> remarks)
    implements JsonText.Fields {

  /// Copies lists and map.
  public DataReport {
    sources = List.copyOf(sources);
    stages = List.copyOf(stages);
    parts = new LinkedHashMap<>(parts);
    remarks = List.copyOf(remarks);
  }

  /// The stage of this name.
  ///
  /// @throws IllegalArgumentException if there is none
  public Stage stage(String name) {
    return stages.stream()
        .filter(stage -> stage.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no stage \"%s\"; the stages are %s"
                    .formatted(name, stages.stream().map(Stage::name).toList())));
  }

  /// The same with one stage more, behind which there are as many rows to train on as it says, and more remarks.
  public DataReport with(Stage more, List<String> andSaid) {
    var longer = new ArrayList<>(stages);
    longer.add(more);
    var counts = new LinkedHashMap<>(parts);
    counts.put(Part.TRAIN, more.out());
    var said = new ArrayList<>(remarks);
    said.addAll(andSaid);
    return new DataReport(sources, longer, counts, said);
  }

  /// The rows of a part in the end.
  public long rows(Part part) {
    return parts.getOrDefault(part, 0L);
  }

  @Override
  public Map<String, ?> values() {
    var values = new LinkedHashMap<String, Object>();
    values.put(
        "sources",
        sources.stream()
            .map(source -> {
              var fields = new LinkedHashMap<String, Object>();
              fields.put("file", source.file().toString());
              fields.put("bytes", source.bytes());
              fields.put("sha256", source.sha256());
              fields.put("rows", source.rows());
              return fields;
            })
            .toList());
    values.put("stages", stages);
    var rows = new LinkedHashMap<String, Object>();
    parts.forEach((part, count) -> rows.put(part.word(), count));
    values.put("rows", rows);
    values.put("remarks", remarks);
    return values;
  }
}
