package dev.quintet.trainer.loop;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.trainer.data.Batch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/// A T5 of which an adapter alone learns, as a training loop sees it: what is saved is the adapter, as peft has it.
///
/// Where files hold something else than what trains, such as the rows that a network makes in prefix tuning, `training.safetensors`
/// beside them has what trains, so that a run can go back to it. peft does not look at it.
public final class AdapterLearner implements Learner {
  private static final String TRAINING = "training.safetensors";

  private final T5Learner text;
  private final Adapters adapters;
  private final Adapter adapter;
  private final AdapterMethod method;
  private final Map<String, Parameter> parameters;
  private final boolean regulated;

  /// Trains this adapter.
  ///
  /// @param text the model as a whole
  /// @param adapters of the model
  /// @param adapter one of them, which is in use
  AdapterLearner(T5Learner text, Adapters adapters, Adapter adapter) {
    this.text = text;
    this.adapters = adapters;
    this.adapter = adapter;
    this.method = adapter.method();
    this.parameters = named(adapter);
    try (var _ = Scope.openWithoutGradients(adapters.model().decoder().table().weight().device())) {
      this.regulated = adapter.penalty().isPresent();
    }
  }

  /// An adapter's parameters by their names in files, without what peft puts before all paths.
  static Map<String, Parameter> named(Adapter adapter) {
    var named = new LinkedHashMap<String, Parameter>();
    adapter.parameters().forEach((name, parameter) -> named.put(Attachment.plain(name), parameter));
    return named;
  }

  @Override
  public Module module() {
    return text.module();
  }

  @Override
  public Map<String, Parameter> parameters() {
    return parameters;
  }

  @Override
  public Map<String, Parameter> state() {
    return adapter.state();
  }

  /// In training, the adapter's own term is added to the loss, once a step: each batch of it brings the share of its labels.
  @Override
  public Tensor loss(Batch batch, Pass pass, double normalizer) {
    Tensor loss = text.loss(batch, pass, normalizer);
    if (!regulated || !pass.training()) {
      return loss;
    }
    float share = (float) (batch.labelTokens() / normalizer);
    return Scope.local(() -> loss.add(adapter.penalty().orElseThrow().multiply(share)));
  }

  @Override
  public int startId() {
    return text.startId();
  }

  @Override
  public boolean repeats() {
    return !regulated && text.repeats(); // a batch's share of the labels is no number of the device
  }

  @Override
  public Optional<LongConsumer> afterStep() {
    return regulated || !adapter.state().isEmpty()
        ? Optional.of(adapter::afterStep)
        : Optional.empty();
  }

  @Override
  public Map<String, String> settings() {
    var settings = new LinkedHashMap<>(text.settings());
    var fields = new TreeMap<String, Object>(method.fields());
    fields.put("method", method.name());
    fields.put("modules_to_save", method.modulesToSave());
    settings.put("adapter", JsonText.line(fields));
    return settings;
  }

  private Map<String, Parameter> whole() {
    var whole = new LinkedHashMap<>(adapter.parameters());
    adapter.state().forEach((name, tensor) -> whole.put("state." + name, tensor));
    return whole;
  }

  @Override
  public void save(Path folder) {
    adapters.save(adapter.name(), folder);
    if (!adapter.state().isEmpty()
        || !CheckpointStore.holds(weights(folder), adapter.parameters())) {
      CheckpointStore.writeTensors(folder.resolve(TRAINING), whole());
    }
  }

  private static Path weights(Path folder) {
    return new AdapterFolder(folder).weights();
  }

  @Override
  public void restore(Path folder) {
    if (!AdapterFolder.holdsAdapter(folder)) {
      throw new OtherRunException(
          folder
              + " holds no adapter to begin with: it has no adapter_config.json. If it is a model's folder, set it as the model");
    }
    Path training = folder.resolve(TRAINING);
    if (Files.exists(training)) {
      CheckpointStore.readTensors(training, whole());
    } else {
      CheckpointStore.readTensors(weights(folder), adapter.parameters());
    }
  }
}
