package dev.quintet.models.adapt.bottleneck;

import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterFields;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.t5.Activation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Bottleneck adapters: what a layer gives goes through a narrow way too, and both are added, before the residual sum:
/// y + s W_up f(W_down y).
///
/// ```java
/// Adapters.of(model).add("tags", Bottleneck.houlsby(16), seed);
/// ```
///
/// @param form where they stand
/// @param size R, the width of the narrow way
/// @param activation f
/// @param scale s
/// @param modulesToSave modules that are trained as a whole beside
public record Bottleneck(
    Form form, int size, Activation activation, double scale, List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND =
      new AdapterKind("bottleneck", "BOTTLENECK", Map.of(), Bottleneck::read);

  private static final String FORMAT = "quintet_format";
  private static final int VERSION = 1;

  /// Where the narrow ways stand.
  public enum Form {
    /// Behind each attention and each feed-forward layer (Houlsby et al., arXiv 1902.00751).
    HOULSBY("SelfAttention", "EncDecAttention", "DenseReluDense"),
    /// Behind each feed-forward layer (Pfeiffer et al., arXiv 2005.00247).
    PFEIFFER("DenseReluDense"),
    /// Beside each feed-forward layer, from its input on (He et al., arXiv 2110.04366).
    PARALLEL("DenseReluDense");

    private final List<String> places;

    Form(String... places) {
      this.places = List.of(places);
    }

    /// Its name in files.
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Checks the numbers.
  ///
  /// @throws AdapterException if the size is below 1 or the scale is no number
  public Bottleneck {
    modulesToSave = List.copyOf(modulesToSave);
    if (size < 1) {
      throw new AdapterException("the size of a bottleneck is at least 1, not " + size);
    }
    if (!Double.isFinite(scale)) {
      throw new AdapterException("the scale of a bottleneck is a number, not " + scale);
    }
  }

  private Bottleneck(Form form, int size) {
    this(form, size, Activation.RELU, 1, List.of());
  }

  /// Behind each attention and each feed-forward layer.
  public static Bottleneck houlsby(int size) {
    return new Bottleneck(Form.HOULSBY, size);
  }

  /// Behind each feed-forward layer.
  public static Bottleneck pfeiffer(int size) {
    return new Bottleneck(Form.PFEIFFER, size);
  }

  /// Beside each feed-forward layer.
  public static Bottleneck parallel(int size) {
    return new Bottleneck(Form.PARALLEL, size);
  }

  /// With another activation.
  public Bottleneck withActivation(Activation other) {
    return new Bottleneck(form, size, other, scale, modulesToSave);
  }

  /// With another scale.
  public Bottleneck withScale(double other) {
    return new Bottleneck(form, size, activation, other, modulesToSave);
  }

  private static Bottleneck read(AdapterFields fields) {
    int version = fields.whole(FORMAT, VERSION);
    if (version != VERSION) {
      throw fields.wrong(
          FORMAT,
          VERSION + ", the only one that there is: a newer program wrote the rest",
          version);
    }
    String form = fields.word("form", Form.HOULSBY.key()).toUpperCase(Locale.ROOT);
    List<String> known = Arrays.stream(Form.values()).map(Form::key).toList();
    if (!known.contains(form.toLowerCase(Locale.ROOT))) {
      throw fields.wrong("form", "one of " + known, form);
    }
    String activation = fields.word("activation", Activation.RELU.key());
    return new Bottleneck(
        Form.valueOf(form),
        fields.count("size", 16),
        Activation.of(activation)
            .orElseThrow(
                () -> fields.wrong("activation", "one of " + Activation.known(), activation)),
        fields.number("scale", 1),
        fields.words("modules_to_save"));
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put(FORMAT, VERSION);
    fields.put("form", form.key());
    fields.put("size", size);
    fields.put("activation", activation.key());
    fields.put("scale", scale);
    return fields;
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    for (String path : attachment.paths()) {
      String last = path.substring(path.lastIndexOf('.') + 1);
      if (form.places.contains(last)) {
        var way = new NarrowWay(attachment, path, this);
        attachment.put(
            path,
            last.equals("DenseReluDense")
                ? new LayerBottleneck(way, form == Form.PARALLEL)
                : new AttentionBottleneck(way));
      }
    }
    return AdapterParts.of(this);
  }
}
