package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.LayerDelta;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.Targets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// LoRA: to a projection W x is added alpha / r B A x, of which A and B alone train (Hu et al., arXiv 2106.09685).
///
/// ```java
/// Adapter tags = Adapters.of(model).add("tags", Lora.rank(8).withAlpha(16).on("q", "v"), seed);
/// ```
///
/// @param rank r, where no pattern says otherwise
/// @param alpha what the product is scaled by, over the rank, where no pattern says otherwise
/// @param dropout how likely an element of x is dropped in training
/// @param rootScaled whether it is alpha / sqrt(r) instead (rsLoRA, Kalajdzievski, arXiv 2312.03732)
/// @param decomposed whether the norms of the sum's rows are learned by themselves (DoRA, Liu et al., arXiv 2402.09353)
/// @param modules which modules are adapted
/// @param rankPattern other ranks by the ends of paths, as regular expressions; the first that matches counts
/// @param alphaPattern other alphas by the ends of paths
/// @param init how new adapters begin
/// @param modulesToSave modules that are trained as a whole beside
public record Lora(
    int rank,
    double alpha,
    double dropout,
    boolean rootScaled,
    boolean decomposed,
    ModuleChoice modules,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    LoraInit init,
    List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND = LoraFields.kind();

  /// How configurations name it where the norms are learned by themselves.
  public static final AdapterKind DORA = LoraFields.dora();

  /// What T5's adapters stand at unless it is said: queries and values, of all attentions.
  static final Targets STANDARD = Targets.of(List.of("q", "v"));

  /// Checks the numbers and copies the lists.
  ///
  /// @throws AdapterException if a rank is below 1 or the dropout is not from 0 to below 1
  public Lora {
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    modulesToSave = List.copyOf(modulesToSave);
    if (rank < 1 || rankPattern.values().stream().anyMatch(other -> other < 1)) {
      throw new AdapterException(
          "the rank of LoRA is at least 1, not " + rank + ", by pattern " + rankPattern);
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new AdapterException("lora_dropout is from 0 to below 1, not " + dropout);
    }
    rankPattern.keySet().forEach(Targets::compiled);
    alphaPattern.keySet().forEach(Targets::compiled);
  }

  /// LoRA of a rank with an alpha of 8, on queries and values.
  public static Lora rank(int rank) {
    return new Lora(
        rank,
        8,
        0,
        false,
        false,
        ModuleChoice.of(STANDARD),
        Map.of(),
        Map.of(),
        LoraInit.KAIMING,
        List.of());
  }

  /// With another alpha.
  public Lora withAlpha(double other) {
    return new Lora(
        rank,
        other,
        dropout,
        rootScaled,
        decomposed,
        modules,
        rankPattern,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// With dropout of what goes in.
  public Lora withDropout(double probability) {
    return new Lora(
        rank,
        alpha,
        probability,
        rootScaled,
        decomposed,
        modules,
        rankPattern,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// Scaled by the rank's root (rsLoRA).
  public Lora withRootScale() {
    return new Lora(
        rank,
        alpha,
        dropout,
        true,
        decomposed,
        modules,
        rankPattern,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// With norms that are learned by themselves (DoRA).
  public Lora withDecomposition() {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        true,
        modules,
        rankPattern,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// On the modules whose paths end with one of these words, such as `q` or `wo`.
  public Lora on(String... words) {
    return on(ModuleChoice.of(Targets.of(List.of(words))));
  }

  /// On the modules whose whole paths a regular expression matches, or on all projections but the head: `all-linear`.
  public Lora onMatching(String expression) {
    return on(ModuleChoice.of(Targets.matching(expression)));
  }

  /// On these modules.
  public Lora on(ModuleChoice choice) {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        decomposed,
        choice,
        rankPattern,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// With other ranks for some modules, by the ends of their paths as regular expressions.
  public Lora withRanks(Map<String, Integer> patterns) {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        decomposed,
        modules,
        patterns,
        alphaPattern,
        init,
        modulesToSave);
  }

  /// With other alphas for some modules, by the ends of their paths as regular expressions.
  public Lora withAlphas(Map<String, Double> patterns) {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        decomposed,
        modules,
        rankPattern,
        patterns,
        init,
        modulesToSave);
  }

  /// With another beginning.
  public Lora withInit(LoraInit other) {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        decomposed,
        modules,
        rankPattern,
        alphaPattern,
        other,
        modulesToSave);
  }

  /// With modules that are trained as a whole beside, such as `lm_head`.
  public Lora withModulesToSave(String... words) {
    return new Lora(
        rank,
        alpha,
        dropout,
        rootScaled,
        decomposed,
        modules,
        rankPattern,
        alphaPattern,
        init,
        List.of(words));
  }

  @Override
  public AdapterKind kind() {
    return decomposed ? DORA : KIND;
  }

  @Override
  public Map<String, Object> fields() {
    return LoraFields.write(this);
  }

  /// The rank of the module at a path.
  int rankAt(String path) {
    return ModuleChoice.patterned(rankPattern, path, rank);
  }

  /// What the product is multiplied by at a path.
  double scaleAt(String path) {
    double own = ModuleChoice.patterned(alphaPattern, path, alpha);
    return own / (rootScaled ? Math.sqrt(rankAt(path)) : rankAt(path));
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    for (String path : modules.select(attachment, modulesToSave)) {
      attachment.put(path, delta(attachment, path));
    }
    return AdapterParts.of(this);
  }

  private LayerDelta delta(Attachment attachment, String path) {
    Module base = attachment.base(path);
    int r = rankAt(path);
    if (base instanceof Linear linear) {
      int in = linear.weight().shape().dim(1);
      int out = linear.weight().shape().dim(0);
      Parameter a = attachment.make(path, "lora_A.weight", Shape.of(r, in), init.a(in, r));
      Parameter b = attachment.make(path, "lora_B.weight", Shape.of(out, r), init.b(r));
      var drops = LoraDropout.at(path, dropout);
      if (!decomposed) {
        return new LoraDelta(a, b, scaleAt(path), drops);
      }
      var norms = new SumNorms(linear.weight(), a, b, scaleAt(path), false);
      Parameter magnitude = magnitude(attachment, path, norms);
      return new DoraDelta(linear.weight(), a, b, magnitude, norms, scaleAt(path), drops);
    }
    if (base instanceof Embedding table) {
      int rows = table.weight().shape().dim(0);
      int width = table.weight().shape().dim(1);
      boolean quiet = init != LoraInit.RANDOM;
      Parameter a =
          attachment.make(
              path, "lora_embedding_A", Shape.of(r, rows), quiet ? Init.zeros() : Init.normal(1));
      Parameter b = attachment.make(path, "lora_embedding_B", Shape.of(width, r), Init.normal(1));
      if (!decomposed) {
        return new LoraEmbeddingDelta(a, b, scaleAt(path));
      }
      var norms = new SumNorms(table.weight(), a, b, scaleAt(path), true);
      Parameter magnitude = magnitude(attachment, path, norms);
      return new DoraEmbeddingDelta(a, b, magnitude, norms, scaleAt(path));
    }
    throw new AdapterException(
        (decomposed ? "DoRA" : "LoRA")
            + " adapts projections and embeddings, and "
            + path
            + " is a "
            + base.getClass().getSimpleName()
            + ": name other target_modules, such as q and v");
  }

  /// Begins as the norms are, so that nothing changes at first.
  private static Parameter magnitude(Attachment attachment, String path, SumNorms norms) {
    Init asTheyAre =
        (made, _) -> {
          try (var _ = Scope.openWithoutGradients(made.device())) {
            made.set(norms.computed());
          }
        };
    return attachment.make(path, "lora_magnitude_vector", Shape.of(norms.count()), asTheyAre);
  }
}
