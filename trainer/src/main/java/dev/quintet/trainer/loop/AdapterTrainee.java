package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Answerer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A model that learns to write by an adapter alone. When it is closed the adapter is gone, and the model as it was.
final class AdapterTrainee implements Trainee, AutoCloseable {
  /// What the adapter is called while it trains.
  static final String NAME = "in_training";

  /// Where a base lies that was never loaded from a folder.
  static final String BASE = "base";

  private final TextTrainee text;
  private final AdapterMethod method;
  private final long seed;
  private Optional<Adapter> adapter = Optional.empty();
  private Optional<String> used = Optional.empty();
  private List<Parameter> trained = List.of();

  /// @param model stays the caller's to close
  /// @param method of the adapter
  /// @param seed how it begins
  AdapterTrainee(TextToText model, AdapterMethod method, long seed) {
    this.text = new TextTrainee(model);
    this.method = method.with(model.tokenizer());
    this.seed = seed;
  }

  @Override
  public T5 model() {
    return text.model();
  }

  @Override
  public Tokenizer tokenizer() {
    return text.tokenizer();
  }

  @Override
  public void checkpointing(boolean on) {
    text.checkpointing(on);
  }

  @Override
  public EncodedPairs encoded(Pairs pairs, int maxSource, int maxTarget) {
    return text.encoded(pairs, maxSource, maxTarget);
  }

  @Override
  public boolean packs() {
    if (method.lengthens()) {
      throw new IllegalArgumentException(
          "packing puts several pairs into a row, and "
              + method.name()
              + " puts virtual tokens before each row: leave packing out, or take another method, such as lora");
    }
    return true;
  }

  @Override
  public void begin(long steps) {
    Adapters adapters = Adapters.of(model());
    trained = model().parameters().values().stream().filter(Parameter::trains).toList();
    System.Logger log = System.getLogger("dev.quintet.trainer.loop");
    method.remark(steps).ifPresent(text -> log.log(System.Logger.Level.WARNING, text));
    Adapter added = adapters.add(NAME, method.forSteps(steps), seed);
    adapter = Optional.of(added);
    trained.forEach(parameter -> parameter.train(false));
    used = adapters.used();
    adapters.use(NAME);
  }

  /// The adapter, from [#begin] on.
  private Adapter adapter() {
    return adapter.orElseThrow(() -> new IllegalStateException("the adapter is not there yet"));
  }

  @Override
  public Map<String, Parameter> parameters() {
    return AdapterLearner.named(adapter());
  }

  @Override
  public Learner learner(Optional<Integer> maxTarget, Losses losses) {
    return new AdapterLearner(text.learner(maxTarget, losses), Adapters.of(model()), adapter());
  }

  @Override
  public Answerer answerer(Ask ask) {
    return text.answerer(ask);
  }

  @Override
  public List<Path> folders(Path out) {
    return model().origin().isEmpty() ? List.of(out.resolve(BASE)) : List.of();
  }

  /// A base that was made here is written beside its adapter, which is worth nothing without it.
  @Override
  public void keep(Path out) {
    if (!model().origin().isEmpty()) {
      return;
    }
    Path base = out.resolve(BASE);
    if (!Files.isDirectory(base)) {
      AtomicDirectory.write(
          base,
          folder -> {
            new T5Learner(text.text()).save(folder);
            // the adapter is no part of it
            Files.deleteIfExists(folder.resolve(SavedWeights.ADDED));
          });
    }
    model().origin(base.toString());
  }

  @Override
  public void close() {
    if (adapter.isEmpty()) {
      return;
    }
    Adapters adapters = Adapters.of(model());
    adapters.remove(NAME);
    used.ifPresent(adapters::use);
    trained.forEach(parameter -> parameter.train(true));
    adapter = Optional.empty();
  }
}
