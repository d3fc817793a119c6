package dev.quintet.models.adapt.lora;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import dev.quintet.models.adapt.method.Attachment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What AdaLoRA does while it trains: it keeps A and B near to orthonormal, watches which ranks matter, and takes away
/// those that matter least (arXiv 2303.10512, section 3; the numbers as peft's `RankAllocator`).
final class RankBudget implements AdapterParts {
  private final AdaLora method;
  private final Map<String, AdaLoraDelta> deltas;
  private final Map<String, Importance> importance = new LinkedHashMap<>();
  private final Map<String, Parameter> kept = new LinkedHashMap<>();

  RankBudget(AdaLora method, Map<String, AdaLoraDelta> deltas) {
    this.method = method;
    this.deltas = deltas;
  }

  /// How much each element of a parameter matters.
  ///
  /// @param mean a running mean of |p dp|
  /// @param change a running mean of how far |p dp| is from that
  private record Importance(Parameter mean, Parameter change) {}

  // Memory for training is taken when training first asks for it.
  private void begin() {
    if (importance.isEmpty()) {
      deltas.forEach((path, delta) -> {
        for (Parameter each : List.of(delta.a(), delta.e(), delta.b())) {
          importance.put(name(path, delta, each), new Importance(zeros(each), zeros(each)));
        }
        Parameter all = Parameter.full(delta.e().shape(), 1, delta.e().device());
        all.train(false);
        kept.put(path, all);
        delta.kept(all);
      });
    }
  }

  private static Parameter zeros(Parameter like) {
    Parameter made = Parameter.full(like.shape(), 0, like.device());
    made.train(false);
    return made;
  }

  private static String name(String path, AdaLoraDelta delta, Parameter each) {
    return path + (each == delta.a() ? ".lora_A" : each == delta.e() ? ".lora_E" : ".lora_B");
  }

  @Override
  public AdapterMethod method() {
    var left = new LinkedHashMap<String, List<Boolean>>();
    boolean any = false;
    for (var entry : kept.entrySet()) {
      float[] marks = entry.getValue().toFloats();
      // of an adapter that was read without the ranks that were taken away before, those are still
      // told
      List<Boolean> before =
          method.kept().getOrDefault(entry.getKey(), Collections.nCopies(marks.length, true));
      var ranks = new ArrayList<Boolean>();
      int at = 0;
      for (boolean was : before) {
        ranks.add(was && marks[at++] != 0);
      }
      any |= ranks.contains(false);
      left.put(entry.getKey(), ranks);
    }
    return any ? method.withKept(left) : method;
  }

  @Override
  public Map<String, Parameter> state() {
    begin();
    var state = new LinkedHashMap<String, Parameter>();
    importance.forEach((name, one) -> {
      state.put(name + ".sensitivity", one.mean());
      state.put(name + ".uncertainty", one.change());
    });
    kept.forEach((path, mask) -> state.put(path + ".lora_E.kept", mask));
    return state;
  }

  @Override
  public void close() {
    importance
        .values()
        .forEach(one -> {
          one.mean().close();
          one.change().close();
        });
    kept.values().forEach(Parameter::close);
  }

  @Override
  public Optional<Tensor> penalty() {
    if (method.orthogonality() == 0) {
      return Optional.empty();
    }
    var terms = new ArrayList<Tensor>();
    for (AdaLoraDelta delta : deltas.values()) {
      if (delta.a().shape().dim(0) > 0) {
        terms.add(distance(delta.a().matmulTransposed(delta.a())));
        terms.add(distance(delta.b().transpose(0, 1).matmul(delta.b())));
      }
    }
    float weight = (float) (method.orthogonality() / terms.size());
    return terms.stream().reduce(Tensor::add).map(sum -> sum.multiply(weight));
  }

  /// |x - I|, of Frobenius.
  private static Tensor distance(Tensor square) {
    int size = square.shape().dim(0);
    float[] identity = new float[size * size];
    for (int i = 0; i < size; i++) {
      identity[i * size + i] = 1;
    }
    return square.subtract(Tensor.of(Shape.of(size, size), identity)).square().sum().sqrt();
  }

  @Override
  public void afterStep(long step) {
    AdaLora.Budget budget = method.budget();
    begin();
    long last = budget.total() - budget.rest();
    try (var _ = Scope.openWithoutGradients(kept.values().iterator().next().device())) {
      if (step < last) {
        watch(budget);
      }
      boolean inBetween = step > budget.warmup() && step < last && step % budget.every() == 0;
      if (inBetween || step == last) {
        choose(ranks(step, budget));
      }
      if (inBetween || step >= last) {
        deltas.forEach((path, delta) ->
            delta.e().set(delta.e().detach().multiply(Objects.requireNonNull(kept.get(path)))));
      }
    }
  }

  /// How many ranks are left at a step, of all modules together.
  private int ranks(long step, AdaLora.Budget budget) {
    int first = deltas.values().stream().mapToInt(delta -> delta.e().shape().dim(0)).sum();
    int last = method.targetRank() * deltas.size();
    double to = budget.total() - budget.rest() - budget.warmup();
    double left = 1 - (step - budget.warmup()) / to;
    return (int) ((first - last) * (left * left * left) + last);
  }

  private void watch(AdaLora.Budget budget) {
    float slow = (float) budget.beta1();
    float slower = (float) budget.beta2();
    deltas.forEach((path, delta) -> {
      for (Parameter each : List.of(delta.a(), delta.e(), delta.b())) {
        Importance own = importance.get(name(path, delta, each));
        if (own == null || !each.hasGradient()) {
          continue;
        }
        Tensor now = each.detach().multiply(each.gradient()).abs();
        own.mean().set(own.mean().multiply(slow).add(now.multiply(1 - slow)));
        Tensor change = now.subtract(own.mean()).abs();
        own.change().set(own.change().multiply(slower).add(change.multiply(1 - slower)));
      }
    });
  }

  /// Marks the ranks that matter most.
  private void choose(int budget) {
    var scores = new LinkedHashMap<String, float[]>();
    deltas.forEach((path, delta) -> {
      Tensor a = score(name(path, delta, delta.a())).mean(1, false);
      Tensor b = score(name(path, delta, delta.b())).mean(0, false);
      Tensor e = score(name(path, delta, delta.e())).reshape(delta.e().elements());
      scores.put(path, e.add(a.add(b)).toFloats());
    });
    int count = scores.values().stream().mapToInt(each -> each.length).sum();
    float[] sorted = new float[count];
    int at = 0;
    for (float[] each : scores.values()) {
      System.arraycopy(each, 0, sorted, at, each.length);
      at += each.length;
    }
    Arrays.sort(sorted);
    if (budget >= count) {
      return;
    }
    float threshold = sorted[count - budget - 1];
    scores.forEach((path, each) -> {
      float[] mask = new float[each.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = each[i] <= threshold ? 0 : 1;
      }
      Parameter marks = kept.get(path);
      if (marks != null) {
        marks.set(mask);
      }
    });
  }

  private Tensor score(String name) {
    Importance own = importance.get(name);
    if (own == null) {
      throw new IllegalStateException("nothing was watched of " + name);
    }
    return own.mean().multiply(own.change());
  }

  @Override
  public Map<String, Tensor> stored(Map<String, Parameter> trained) {
    Map<String, Tensor> stored = new LinkedHashMap<>(trained);
    kept.forEach((path, mask) -> {
      float[] marks = mask.toFloats();
      int[] left = new int[marks.length];
      int count = 0;
      for (int i = 0; i < marks.length; i++) {
        if (marks[i] != 0) {
          left[count++] = i;
        }
      }
      if (count < marks.length) {
        Tensor index = Tensor.ofInts(Shape.of(count), Arrays.copyOf(left, count));
        String prefix = Attachment.PREFIX + path;
        stored.computeIfPresent(prefix + ".lora_A", (_, a) -> a.indexSelect(0, index));
        stored.computeIfPresent(prefix + ".lora_E", (_, e) -> e.indexSelect(0, index));
        stored.computeIfPresent(prefix + ".lora_B", (_, b) -> b.indexSelect(1, index));
      }
    });
    return stored;
  }
}
