package dev.quintet.models.adapt;

import dev.quintet.core.io.AtomicFiles;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.nn.ParameterFile;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// An adapter's two files in peft's layout, read and written.
///
/// @param folder where they are
public record AdapterFolder(Path folder) {
  /// The name of the file with the method and its settings.
  public static final String CONFIG = "adapter_config.json";

  /// The name of the file with the weights.
  public static final String WEIGHTS = "adapter_model.safetensors";

  /// The version of peft whose files these are like.
  private static final String PEFT = "0.21.0";

  /// What all methods have, and what nothing depends on.
  private static final String[] COMMON = {
    "peft_type",
    "task_type",
    "base_model_name_or_path",
    "revision",
    "inference_mode",
    "peft_version",
    "auto_mapping",
    "modules_to_save"
  };

  /// What a configuration says.
  ///
  /// @param method the method and its settings
  /// @param base the base that it was made for, as its maker named it; empty where that is not said
  /// @param notes what was passed over, a sentence each
  public record Read(AdapterMethod method, String base, List<String> notes) {}

  /// Whether a folder holds an adapter rather than a model.
  public static boolean holdsAdapter(Path folder) {
    return Files.isRegularFile(folder.resolve(CONFIG));
  }

  /// The file of the weights.
  public Path weights() {
    return folder.resolve(WEIGHTS);
  }

  /// Reads the configuration.
  ///
  /// @throws AdapterException if it asks for what there is not, or lacks what it needs
  /// @throws dev.quintet.core.io.MalformedFileException if it is no JSON
  /// @throws java.io.UncheckedIOException if it cannot be read
  public Read read() {
    Path file = folder.resolve(CONFIG);
    if (!Files.exists(file)) {
      throw new AdapterException(
          folder + " holds no adapter: it has no " + CONFIG + ", as peft writes it");
    }
    JsonObject json = JsonObject.read(file);
    var fields = new AdapterFields(json);
    AdapterMethod method =
        AdapterMethods.ofPeftType(file.toString(), fields.word("peft_type", ""))
            .reader()
            .apply(fields);
    fields.ignore(COMMON);
    var notes = new ArrayList<String>();
    if (!fields.unknown().isEmpty()) {
      notes.add(
          file
              + ": passed over "
              + fields.unknown().size()
              + (fields.unknown().size() == 1 ? " unknown key: " : " unknown keys: ")
              + String.join(", ", fields.unknown()));
    }
    String bias = fields.word("bias", "none");
    if (!bias.equals("none")) {
      notes.add(file + ": bias = " + bias + " changes nothing, as T5 has no biases");
    }
    return new Read(method, fields.word("base_model_name_or_path", ""), notes);
  }

  /// Writes both files, which appear whole or not at all.
  ///
  /// @param base what to name as the base; empty for nothing
  /// @throws java.io.UncheckedIOException if one cannot be written
  void write(Adapter adapter, String base) {
    if (Files.exists(folder.resolve("config.json"))) {
      throw new AdapterException(
          folder + " is a model's folder: write the adapter to a folder of its own");
    }
    var config = new TreeMap<String, Object>(adapter.method().fields());
    config.put("peft_type", adapter.method().peftType());
    config.put("task_type", "SEQ_2_SEQ_LM");
    config.put("inference_mode", true);
    config.put("peft_version", PEFT);
    if (!base.isEmpty()) {
      config.put("base_model_name_or_path", base);
    }
    if (!adapter.method().modulesToSave().isEmpty()) {
      config.put("modules_to_save", adapter.method().modulesToSave());
    }
    var held = new LinkedHashMap<String, Parameter>();
    try (var _ = Scope.openWithoutGradients(adapter.device());
        AtomicFiles files = AtomicFiles.in(folder)) {
      Map<String, Tensor> stored = adapter.parts().stored(adapter.parameters());
      stored.forEach((name, tensor) ->
          held.put(
              name, tensor instanceof Parameter parameter ? parameter : Parameter.copyOf(tensor)));
      files.write(WEIGHTS, ParameterFile.content(held, weights()));
      files.write(CONFIG, JsonText.of(config) + "\n");
      files.publish();
    } finally {
      held.values().removeAll(adapter.parameters().values());
      held.values().forEach(Parameter::close);
    }
  }
}
