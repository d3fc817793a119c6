package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Init;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.adapt.method.AdapterKind;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import dev.quintet.models.adapt.method.ModuleChoice;
import dev.quintet.models.adapt.method.Targets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// AdaLoRA: W x + alpha / r B E A x with a diagonal E, of which training takes away what matters least until the ranks
/// are a given number on average (Zhang et al., arXiv 2303.10512).
///
/// @param rank the rank at first, of every module
/// @param targetRank the rank on average at last
/// @param alpha what the product is scaled by, over the rank at first
/// @param dropout how likely an element of x is dropped in training
/// @param modules which modules are adapted
/// @param budget when ranks are taken away
/// @param orthogonality the weight of the term that keeps the rows of A and the columns of B orthonormal
/// @param kept by the path of each module, which of the first ranks are left; empty before any is taken away
/// @param modulesToSave modules that are trained as a whole beside
public record AdaLora(
    int rank,
    int targetRank,
    double alpha,
    double dropout,
    ModuleChoice modules,
    Budget budget,
    double orthogonality,
    Map<String, List<Boolean>> kept,
    List<String> modulesToSave)
    implements AdapterMethod {
  /// How files and configurations name it.
  public static final AdapterKind KIND = AdaLoraFields.kind();

  /// When ranks are taken away, in steps: none at first, then more and more by a cubic schedule, at last none again.
  ///
  /// @param warmup steps at first without (peft's `tinit`)
  /// @param rest steps at last without (`tfinal`)
  /// @param every how many steps apart (`deltaT`)
  /// @param total all steps of the training; 0 where it is not known yet
  /// @param beta1 how slowly the mean importance follows
  /// @param beta2 how slowly the mean of its changes follows
  public record Budget(int warmup, int rest, int every, int total, double beta1, double beta2) {
    /// Checks the numbers.
    ///
    /// @throws AdapterException if no step is left to take ranks away in, or a number is out of its bounds
    public Budget {
      if (warmup < 0 || rest < 0 || every < 1 || total < 0) {
        throw new AdapterException(
            "AdaLoRA's steps are not negative and deltaT at least 1: tinit "
                + warmup
                + ", tfinal "
                + rest
                + ", deltaT "
                + every
                + ", total_step "
                + total);
      }
      if (total > 0 && warmup >= total - rest) {
        throw new AdapterException(
            "AdaLoRA has no step to take ranks away in: tinit "
                + warmup
                + " and tfinal "
                + rest
                + " leave none of total_step "
                + total);
      }
      if (!(beta1 > 0 && beta1 < 1 && beta2 > 0 && beta2 < 1)) {
        throw new AdapterException(
            "AdaLoRA's beta1 and beta2 lie between 0 and 1, not " + beta1 + " and " + beta2);
      }
    }

    /// The same with another number of steps in all.
    public Budget withTotal(int steps) {
      return new Budget(warmup, rest, every, steps, beta1, beta2);
    }
  }

  /// Checks the numbers and copies the collections.
  ///
  /// @throws AdapterException if one is out of its bounds
  public AdaLora {
    var copy = new LinkedHashMap<String, List<Boolean>>();
    kept.forEach((path, ranks) -> copy.put(path, List.copyOf(ranks)));
    kept = Collections.unmodifiableMap(copy);
    modulesToSave = List.copyOf(modulesToSave);
    if (rank < 1 || targetRank < 1 || targetRank > rank) {
      throw new AdapterException(
          "AdaLoRA goes from a rank, init_r, down to target_r, at least 1: not from "
              + rank
              + " to "
              + targetRank);
    }
    if (!(dropout >= 0 && dropout < 1) || !(orthogonality >= 0)) {
      throw new AdapterException(
          "AdaLoRA: lora_dropout is from 0 to below 1 and orth_reg_weight not negative, not "
              + dropout
              + " and "
              + orthogonality);
    }
  }

  /// AdaLoRA from one rank down to another on average, with peft's defaults, on all projections of T5 v1.0 but the
  /// head.
  ///
  /// @param rank the rank at first
  /// @param targetRank the rank on average at last
  /// @param totalSteps all steps of the training
  public static AdaLora ranks(int rank, int targetRank, int totalSteps) {
    return new AdaLora(
        rank,
        targetRank,
        8,
        0,
        ModuleChoice.of(Targets.matching(Targets.ALL_LINEAR)),
        new Budget(0, 0, 1, totalSteps, 0.85, 0.85),
        0.5,
        Map.of(),
        List.of());
  }

  /// With another alpha.
  public AdaLora withAlpha(double other) {
    return new AdaLora(
        rank, targetRank, other, dropout, modules, budget, orthogonality, kept, modulesToSave);
  }

  /// On the modules whose paths end with one of these words.
  public AdaLora on(String... words) {
    return new AdaLora(
        rank,
        targetRank,
        alpha,
        dropout,
        ModuleChoice.of(Targets.of(List.of(words))),
        budget,
        orthogonality,
        kept,
        modulesToSave);
  }

  /// With another schedule.
  public AdaLora withBudget(Budget other) {
    return new AdaLora(
        rank, targetRank, alpha, dropout, modules, other, orthogonality, kept, modulesToSave);
  }

  /// With what training has left of the ranks.
  AdaLora withKept(Map<String, List<Boolean>> left) {
    return new AdaLora(
        rank, targetRank, alpha, dropout, modules, budget, orthogonality, left, modulesToSave);
  }

  @Override
  public AdapterKind kind() {
    return KIND;
  }

  @Override
  public Map<String, Object> fields() {
    return AdaLoraFields.write(this);
  }

  @Override
  public AdaLora forSteps(long steps) {
    return budget.total() > 0
        ? this
        : withBudget(budget.withTotal((int) Math.min(steps, Integer.MAX_VALUE)));
  }

  @Override
  public Optional<String> remark(long steps) {
    if (budget.total() == 0 || budget.total() == steps) {
      return Optional.empty();
    }
    int last = budget.total() - budget.rest();
    return Optional.of(
        "AdaLoRA takes ranks away up to step "
            + last
            + " by its own total_step of "
            + budget.total()
            + ", and the training has "
            + steps
            + " steps"
            + (last > steps
                ? ": more than target_r will be left. Leave total_step out to go by the training"
                : ". Leave total_step out to go by the training"));
  }

  @Override
  public AdapterParts attach(Attachment attachment) {
    var deltas = new LinkedHashMap<String, AdaLoraDelta>();
    double scale = (alpha > 0 ? alpha : rank) / (rank + 1e-5);
    for (String path : modules.select(attachment, modulesToSave)) {
      Shape weight = attachment.linear(path, "AdaLoRA", "q and wo").weight().shape();
      int left = left(path);
      int in = weight.dim(1);
      int out = weight.dim(0);
      Init small = Init.normal(0.02);
      Parameter a = attachment.make(path, "lora_A", Shape.of(left, in), small);
      Parameter e = attachment.make(path, "lora_E", Shape.of(left, 1), Init.zeros());
      Parameter b = attachment.make(path, "lora_B", Shape.of(out, left), small);
      var delta = new AdaLoraDelta(a, e, b, scale, LoraDropout.at(path, dropout));
      attachment.put(path, delta);
      deltas.put(path, delta);
    }
    return new RankBudget(this, deltas);
  }

  /// How many ranks of a module are left.
  private int left(String path) {
    List<Boolean> ranks = kept.getOrDefault(path, List.of());
    return ranks.isEmpty() ? rank : (int) ranks.stream().filter(left -> left).count();
  }
}
