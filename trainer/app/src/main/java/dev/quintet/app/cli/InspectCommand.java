package dev.quintet.app.cli;

import dev.quintet.core.nn.ParameterNames;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.checkpoint.StoredTensor;
import dev.quintet.models.checkpoint.Weights;
import dev.quintet.models.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `inspect`: what a checkpoint holds, and what patterns of freezing match in it.
@Command(
    name = "inspect",
    description = {
      "Lists a checkpoint's tensors: name, shape, type, bytes; which are one matrix; how many"
          + " parameters there are. Of an adapter also its method, its settings and the model that it is for.",
      "With --freeze, marks what the patterns would freeze."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "Model or adapter folder, or a .safetensors or .bin file; or the name of a model that `pull` fetched.")
  private String model = "";

  @Mixin private NamedModel named;

  @Option(
      names = "--freeze",
      paramLabel = "PATTERN",
      description = "A pattern as in train's \"freeze\"; may be given several times.")
  private List<String> patterns = new ArrayList<>();

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Option(
      names = "--allow-pickle",
      description = "Read files of PyTorch too: tensors alone, and nothing in them is run.")
  private boolean pickle;

  /// Made by picocli.
  InspectCommand() {}

  /// What is printed.
  ///
  /// @param tensors all of them
  /// @param tied names that are one matrix with another
  /// @param frozen what the patterns match
  /// @param aliased patterns' names that mean others
  private record Findings(
      List<StoredTensor> tensors,
      Map<String, String> tied,
      Set<String> frozen,
      Map<String, String> aliased) {

    /// Elements of the tensors that are no other's.
    long parameters(boolean frozenOnly) {
      return tensors.stream()
          .filter(tensor -> !tied.containsKey(tensor.name()))
          .filter(tensor -> !frozenOnly || frozen.contains(tensor.name()))
          .mapToLong(StoredTensor::elements)
          .sum();
    }
  }

  @Override
  public Integer call() {
    Path place = named.find(model);
    Optional<InspectedAdapter> adapter = InspectedAdapter.of(place);
    try (var weights = Weights.open(adapter.map(InspectedAdapter::weights).orElse(place), pickle)) {
      Map<String, String> tied = weights.tied();
      Set<String> frozen = Set.of();
      Map<String, String> aliased = Map.of();
      if (!patterns.isEmpty()) {
        ParameterNames.Selection selected = names(place, weights, tied).select(patterns);
        frozen = stored(selected.names(), weights, tied);
        aliased = selected.aliased();
      }
      var findings = new Findings(weights.tensors(), tied, frozen, aliased);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.print(json(findings, adapter));
      } else {
        print(findings, weights, out);
        adapter.ifPresent(one -> one.print(out, spec.commandLine().getErr()));
      }
      out.flush();
    }
    return 0;
  }

  /// The names that training would know: the model's, or, where there is no configuration, the file's own.
  private ParameterNames names(Path place, Weights weights, Map<String, String> tied) {
    if (Files.isRegularFile(place.resolve("config.json"))) {
      LoadOptions options = pickle ? LoadOptions.DEFAULT.withPickle() : LoadOptions.DEFAULT;
      return Checkpoint.names(place, options);
    }
    List<String> own = weights.names().stream().filter(name -> !tied.containsKey(name)).toList();
    return new ParameterNames(own, tied);
  }

  /// The tensors that hold the model's parameters: an embedding may be stored under another of its names.
  private static Set<String> stored(Set<String> names, Weights weights, Map<String, String> tied) {
    var found = new TreeSet<String>();
    for (String name : names) {
      if (weights.find(name).isPresent()) {
        found.add(tied.getOrDefault(name, name));
      } else if (name.endsWith("shared.weight")) {
        String prefix = name.substring(0, name.length() - "shared.weight".length());
        weights.names().stream()
            .filter(stored ->
                stored.equals(prefix + "encoder.embed_tokens.weight")
                    || stored.equals(prefix + "decoder.embed_tokens.weight")
                    || stored.equals(prefix + "lm_head.weight"))
            .findFirst()
            .ifPresent(found::add);
      }
    }
    return found;
  }

  private void print(Findings findings, Weights weights, PrintWriter out) {
    int width =
        findings.tensors().stream().mapToInt(tensor -> tensor.name().length()).max().orElse(4);
    for (StoredTensor tensor : findings.tensors()) {
      String name = tensor.name();
      String note =
          findings.tied().containsKey(name)
              ? "  is " + findings.tied().get(name)
              : findings.frozen().contains(name) ? "  frozen" : "";
      out.printf(
          Locale.ROOT,
          "%-" + width + "s  %-16s %-4s %,15d  %8s%s%n",
          name,
          tensor.shapeText(),
          tensor.type(),
          bytes(tensor),
          Sizes.of(bytes(tensor)),
          note);
    }
    var types = new TreeMap<String, Integer>();
    findings.tensors().forEach(tensor -> types.merge(tensor.type().name(), 1, Integer::sum));
    long size = findings.tensors().stream().mapToLong(InspectCommand::bytes).sum();
    out.printf(
        Locale.ROOT,
        "%,d tensors %s in %d %s, %,d bytes (%s); %,d parameters%n",
        findings.tensors().size(),
        types,
        weights.files().size(),
        weights.files().size() == 1 ? "file" : "files",
        size,
        Sizes.of(size),
        findings.parameters(false));
    findings.aliased().forEach((alias, name) -> out.printf("%s means %s%n", alias, name));
    if (!patterns.isEmpty()) {
      long frozen = findings.parameters(true);
      out.printf(
          Locale.ROOT,
          "frozen: %,d of them in %d tensors; %,d train%n",
          frozen,
          findings.frozen().size(),
          findings.parameters(false) - frozen);
    }
  }

  private String json(Findings findings, Optional<InspectedAdapter> adapter) {
    var tensors = new ArrayList<JsonObject>();
    for (StoredTensor tensor : findings.tensors()) {
      var keys = new TreeMap<String, Object>();
      keys.put("name", tensor.name());
      keys.put("shape", tensor.dims());
      keys.put("type", tensor.type().name());
      keys.put("bytes", bytes(tensor));
      keys.put("file", String.valueOf(tensor.file().getFileName()));
      if (findings.tied().containsKey(tensor.name())) {
        keys.put("is", findings.tied().get(tensor.name()));
      }
      if (!patterns.isEmpty()) {
        keys.put("frozen", findings.frozen().contains(tensor.name()));
      }
      tensors.add(JsonObject.of(keys));
    }
    var keys = new TreeMap<String, Object>();
    keys.put("tensors", tensors);
    adapter.ifPresent(one -> keys.put("adapter", one.json()));
    keys.put("tied", JsonObject.of(findings.tied()));
    keys.put("parameters", findings.parameters(false));
    keys.put("bytes", findings.tensors().stream().mapToLong(InspectCommand::bytes).sum());
    if (!patterns.isEmpty()) {
      keys.put("frozen_parameters", findings.parameters(true));
    }
    return JsonObject.of(keys).toString();
  }

  private static long bytes(StoredTensor tensor) {
    return tensor.type().bytes(tensor.elements());
  }
}
