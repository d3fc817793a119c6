package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Dropout;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.SaveOptions;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Batch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A T5 with its tokenizer, as a training loop sees it.
public final class T5Learner implements Learner {
  private final TextToText text;
  private final Losses losses;

  /// Trains this model; it stays the caller's to close.
  public T5Learner(TextToText text) {
    this(text, Losses.PLAIN);
  }

  /// Trains this model by a loss that is not the plain cross entropy.
  ///
  /// @param text stays the caller's to close
  /// @param losses what the loss has beside it
  public T5Learner(TextToText text, Losses losses) {
    this.text = text;
    this.losses = losses;
  }

  @Override
  public Module module() {
    return text.model();
  }

  @Override
  public Tensor loss(Batch batch, Pass pass, double normalizer) {
    Batch.Uploaded rows = batch.uploaded(startId());
    CrossEntropyOptions mean = losses.options(pass.training());
    CrossEntropyOptions options =
        pass.state()
            .map(state -> mean.withNormalizer(state))
            .orElseGet(() -> mean.withNormalizer(normalizer));
    // in a scope of its own, so that the tape alone holds what is in between
    return Scope.local(() ->
        rows.segments()
            .map(segments ->
                text.model()
                    .packedCrossEntropy(
                        rows.inputIds(),
                        rows.decoderIds(),
                        rows.labels(),
                        new T5.Segments(segments.source(), segments.target()),
                        pass,
                        options))
            .orElseGet(() ->
                text.model()
                    .crossEntropy(
                        rows.inputIds(),
                        rows.attentionMask(),
                        rows.decoderIds(),
                        rows.labels(),
                        pass,
                        options)));
  }

  @Override
  public int startId() {
    return text.model().config().startId();
  }

  /// Every key of the model's `config.json`; its dropouts and the kinds of its modules as they are now, since both can be
  /// set after loading; and the tokenizer, whose files are saved with the model.
  @Override
  public Map<String, String> settings() {
    var settings = new LinkedHashMap<>(settings(text.model(), text.tokenizer()));
    if (!losses.equals(Losses.PLAIN)) {
      settings.put("losses", losses.toString());
    }
    return settings;
  }

  /// The same of any model of the family.
  static Map<String, String> settings(T5Family model, Tokenizer tokenizer) {
    var settings = new LinkedHashMap<String, String>();
    JsonObject config = T5ConfigFile.write(model.config());
    config
        .keys()
        .forEach(
            key -> settings.put("model." + key, config.value(key).map(String::valueOf).orElse("")));
    var types = new TreeSet<DType>();
    model.parameters().values().forEach(parameter -> types.add(parameter.type()));
    settings.put("dtype", types.stream().map(DType::name).collect(Collectors.joining(" ")));
    var dropouts = new TreeSet<Float>();
    var sites = new StringBuilder();
    var kinds = new StringBuilder();
    model
        .modules()
        .forEach((path, part) -> {
          kinds.append(path).append(' ').append(part.getClass().getName()).append('\n');
          if (part instanceof Dropout dropout) {
            dropouts.add(dropout.probability());
            sites.append(path).append(' ').append(dropout.probability()).append('\n');
          }
        });
    settings.put(
        "dropout",
        dropouts.size() == 1
            ? dropouts.first().toString()
            : dropouts + " " + Fingerprint.of(sites));
    settings.put("modules", Fingerprint.of(kinds));
    if (!model.packedRows()) {
      settings.put("packed_rows", "false");
    }
    settings.put("tokenizer", Fingerprint.of(tokenizer));
    return settings;
  }

  @Override
  public void save(Path folder) {
    SaveOptions options = SaveOptions.of(text.model()).withAddedBeside();
    Checkpoint.save(text.model(), text.generation(), folder, options);
    text.tokenizer().save(folder);
  }
}
