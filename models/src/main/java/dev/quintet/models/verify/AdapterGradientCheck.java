package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Recomputes what was recorded of an adapter beside its logits: what trains, the loss that trains it and its gradients,
/// greedy ids, and the base's weights with the adapter merged into them.
final class AdapterGradientCheck implements Check {
  private static final String GRADIENT = "grad.";
  private static final String MERGED = "merged.";
  private static final double LOSS = 1e-6;
  private static final double LOGITS = 1e-5;
  private static final double WEIGHTS = 1e-6;

  @Override
  public Set<String> files() {
    return Set.of(
        AdapterRecording.CONFIG,
        AdapterRecording.WEIGHTS,
        AdapterRecording.FORWARD,
        AdapterRecording.SETTINGS,
        AdapterRecording.TENSORS);
  }

  @Override
  public Set<String> signs() {
    return Set.of(AdapterRecording.SETTINGS, AdapterRecording.TENSORS);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    JsonObject settings = JsonObject.read(golden.file(AdapterRecording.SETTINGS));
    var rows = new ArrayList<Comparison>();
    try (T5 model = golden.model();
        var forward = SafetensorsFile.open(golden.file(AdapterRecording.FORWARD));
        var tensors = SafetensorsFile.open(golden.file(AdapterRecording.TENSORS))) {
      Adapter adapter = golden.adapt(model);
      rows.add(greedy(model, settings, forward, golden));
      List<String> names = new ArrayList<>(trainable(settings).keySet());
      Optional<String> missing = AdapterRecording.missing(names);
      if (missing.isPresent()) {
        rows.add(Comparison.unsupported("gradients: " + missing.get()));
      } else {
        rows.addAll(trainable(settings, adapter));
        rows.addAll(gradients(model, adapter, settings, forward, tensors, golden));
      }
      rows.addAll(merged(model, adapter, forward, tensors, golden));
    }
    return rows;
  }

  /// What the recording says that trains: shapes by name.
  private static Map<String, int[]> trainable(JsonObject settings) {
    var shapes = new LinkedHashMap<String, int[]>();
    settings
        .object("trainable")
        .ifPresent(all ->
            all.keys().forEach(name -> shapes.put(name, all.required(name, JsonObject::integers))));
    return shapes;
  }

  private static List<Comparison> trainable(JsonObject settings, Adapter adapter) {
    Map<String, int[]> recorded = trainable(settings);
    if (recorded.isEmpty()) {
      return List.of(Comparison.notRecorded("names and shapes of what trains"));
    }
    var found = new TreeSet<String>();
    for (var entry : recorded.entrySet()) {
      AdapterRecording.parameter(adapter, entry.getKey())
          .filter(one -> Arrays.equals(one.shape().dims(), entry.getValue()))
          .ifPresent(_ -> found.add(entry.getKey()));
    }
    long count = settings.whole("count").orElse(adapter.parameterCount());
    boolean same =
        found.size() == recorded.size()
            && recorded.size() == adapter.parameters().size()
            && count == adapter.parameterCount();
    return List.of(
        Comparison.exact(
            "names and shapes of %d tensors that train, %d numbers"
                .formatted(adapter.parameters().size(), adapter.parameterCount()),
            same));
  }

  private static List<Comparison> gradients(
      T5 model,
      Adapter adapter,
      JsonObject settings,
      SafetensorsFile forward,
      SafetensorsFile tensors,
      Golden golden) {
    var recorded = new TreeMap<String, float[]>();
    tensors.names().stream()
        .filter(name -> name.startsWith(GRADIENT))
        .forEach(name -> recorded.put(name, tensors.floats(name)));
    adapter.train(true);
    var losses = new double[1];
    Runnable backward =
        () -> {
          try (var _ = Scope.open(golden.device())) {
            Recomputed.of(model, forward, "")
                .loss()
                .map(loss -> adapter.penalty().map(loss::add).orElse(loss))
                .ifPresent(loss -> {
                  loss.backward();
                  losses[0] = loss.item();
                });
          }
        };
    var rows = new ArrayList<Comparison>();
    if (recorded.isEmpty()) {
      backward.run();
      rows.add(Comparison.notRecorded("gradients"));
    } else {
      var gradients =
          new RecordedGradients(
              model,
              recorded,
              name -> AdapterRecording.parameter(adapter, name.substring(GRADIENT.length())),
              backward);
      String title = "gradients of %d tensors".formatted(recorded.size());
      rows.addAll(gradients.compare(title, name -> name.substring(GRADIENT.length())));
      rows.addAll(lost("gradients", adapter.parameters().size(), recorded.size()));
    }
    settings
        .number("regularized_loss")
        .ifPresent(loss ->
            rows.add(
                Comparison.of(
                    "loss with what the method adds",
                    Math.abs(loss - losses[0]),
                    Math.abs(loss),
                    LOSS)));
    adapter.train(false);
    return rows;
  }

  private static List<Comparison> lost(String what, int expected, int recorded) {
    return expected == recorded
        ? List.of()
        : List.of(
            Comparison.exact(
                "%s: %d are in %s, %d are computed"
                    .formatted(what, recorded, AdapterRecording.TENSORS, expected),
                false));
  }

  private static Comparison greedy(
      T5 model, JsonObject settings, SafetensorsFile forward, Golden golden) {
    Optional<int[][]> recorded = settings.integerRows("greedy_ids");
    if (recorded.isEmpty() || recorded.get().length == 0) {
      return Comparison.notRecorded("greedy ids");
    }
    int[][] expected = recorded.get();
    int length = expected[0].length;
    var config =
        Checkpoint.generation(golden.base(), model.config())
            .with("num_beams", 1)
            .with("do_sample", false)
            .with("max_new_tokens", length - 1);
    int[][] ids = rows(forward, "input_ids");
    int[][] mask = forward.contains("attention_mask") ? rows(forward, "attention_mask") : ones(ids);
    int[][] found = Generator.of(model).generate(ids, mask, config);
    for (int row = 0; row < found.length; row++) {
      int ended = found[row].length;
      found[row] = Arrays.copyOf(found[row], Math.max(length, ended));
      Arrays.fill(found[row], ended, found[row].length, config.padId());
    }
    return Comparison.exact(
        "greedy ids of %d rows, %d tokens".formatted(expected.length, length - 1),
        Arrays.deepEquals(expected, found));
  }

  private static int[][] rows(SafetensorsFile file, String name) {
    int width = file.entry(name).shape().dim(1);
    int[] flat = file.ints(name);
    int[][] rows = new int[flat.length / width][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
    return rows;
  }

  private static int[][] ones(int[][] ids) {
    return Arrays.stream(ids)
        .map(row -> {
          int[] ones = new int[row.length];
          Arrays.fill(ones, 1);
          return ones;
        })
        .toArray(int[][]::new);
  }

  private static List<Comparison> merged(
      T5 model, Adapter adapter, SafetensorsFile forward, SafetensorsFile tensors, Golden golden) {
    List<String> recorded =
        tensors.names().stream().filter(name -> name.startsWith(MERGED)).sorted().toList();
    if (recorded.isEmpty()) {
      return List.of(Comparison.notRecorded("merged weights"));
    }
    Adapters adapters = Adapters.of(model);
    adapters.useNone();
    Map<String, float[]> before = values(model);
    Map<String, float[]> shared = adapters.sharedAsPeftMerges(adapter.name());
    try {
      adapters.merge(adapter.name());
    } catch (AdapterException e) {
      return List.of(Comparison.exact("merged weights: " + e.getMessage(), false));
    }
    Map<String, float[]> after = values(model);
    List<Comparison> logits =
        recorded.stream().anyMatch(name -> shared.containsKey(name.substring(MERGED.length())))
            ? logits(model, forward, golden)
            : List.of();
    adapters.unmerge();
    var compared = new ArrayList<Comparison>();
    for (String name : recorded) {
      String path = name.substring(MERGED.length());
      float[] found = shared.getOrDefault(path, after.getOrDefault(path, new float[0]));
      compared.add(
          found.length == 0
              ? Comparison.exact(name + ": the base has no such parameter", false)
              : Comparison.of(
                  path + (shared.containsKey(path) ? ", as peft merges into what is shared" : ""),
                  tensors.floats(name),
                  found,
                  WEIGHTS));
    }
    // what is saved as a whole takes the base's place, and a tied head has no name of its own
    // before
    List<String> lost =
        after.keySet().stream()
            .filter(before::containsKey)
            .filter(path -> !Arrays.equals(before.get(path), after.get(path)))
            .filter(path -> !recorded.contains(MERGED + path))
            .filter(path -> !whole(adapter, path))
            .toList();
    var rows = new ArrayList<Comparison>();
    Comparison worst =
        compared.stream().max(Comparator.comparingDouble(Comparison::relative)).orElseThrow();
    rows.add(
        worst.named("%d merged weights; worst: %s".formatted(recorded.size(), worst.quantity())));
    rows.addAll(logits);
    if (!lost.isEmpty()) {
      rows.add(
          Comparison.exact(
              "merged weights: %d that change are not in %s, the first: %s"
                  .formatted(lost.size(), AdapterRecording.TENSORS, lost.getFirst()),
              false));
    }
    return rows;
  }

  /// The logits of the merged model, which peft cannot have where it merges into a weight that others share.
  private static List<Comparison> logits(T5 model, SafetensorsFile forward, Golden golden) {
    try (var _ = Scope.openWithoutGradients(golden.device())) {
      return Recomputed.of(model, forward, "").outputs().stream()
          .filter(output -> output.name().equals("logits") && forward.contains("logits"))
          .map(output ->
              Comparison.of(
                  "logits of the merged model, where each module has a weight of its own",
                  forward.floats("logits"),
                  output.tensor().toFloats(),
                  LOGITS))
          .toList();
    }
  }

  private static boolean whole(Adapter adapter, String path) {
    return adapter.method().modulesToSave().stream()
        .anyMatch(word -> ("." + path).contains("." + word + "."));
  }

  private static Map<String, float[]> values(T5 model) {
    var values = new TreeMap<String, float[]>();
    model.parameters().forEach((name, one) -> values.put(name, one.toFloats()));
    return values;
  }
}
