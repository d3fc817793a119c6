package dev.quintet.models.text;

import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Which prompts share a batch, and each one's adapter: those of like length, those of one adapter side by side, and those
/// whose adapter makes rows longer among themselves.
final class AdapterBatches {
  private final Adapters adapters;
  private final List<String> names;
  private final Set<String> longer;

  /// @param given the options' names
  /// @param prompts how many there are
  /// @throws AdapterException if there is no adapter of a name, or not a name for each prompt
  AdapterBatches(Adapters adapters, List<String> given, int prompts) {
    this.adapters = adapters;
    if (given.size() > 1 && given.size() != prompts) {
      throw new AdapterException(
          "generate: expected an adapter's name for each of the "
              + prompts
              + " prompts, or one for all, got "
              + given.size());
    }
    // Asked once: what the model uses may change while the call runs.
    this.names =
        given.size() > 1
            ? given
            : Collections.nCopies(
                prompts, given.isEmpty() ? adapters.used().orElse("") : given.getFirst());
    this.longer =
        names.stream()
            .filter(name -> !name.isEmpty())
            .distinct()
            .filter(name -> adapters.get(name).method().lengthens())
            .collect(Collectors.toSet());
  }

  /// The batches, each of so many prompts at most.
  List<int[]> of(int most, IntUnaryOperator length) {
    var pools = new LinkedHashMap<String, List<Integer>>();
    for (int prompt = 0; prompt < names.size(); prompt++) {
      String name = names.get(prompt);
      pools.computeIfAbsent(longer.contains(name) ? name : "", _ -> new ArrayList<>()).add(prompt);
    }
    var batches = new ArrayList<int[]>();
    for (List<Integer> pool : pools.values()) {
      pool.sort(Comparator.comparingInt(length::applyAsInt));
      for (int from = 0; from < pool.size(); from += most) {
        List<Integer> batch = pool.subList(from, Math.min(pool.size(), from + most));
        batches.add(
            batch.stream()
                .sorted(Comparator.comparing(names::get))
                .mapToInt(Integer::intValue)
                .toArray());
      }
    }
    return batches;
  }

  /// Computes something of a batch's rows, each with its adapter.
  <T> T with(int[] batch, Supplier<T> body) {
    var rows = new ArrayList<String>();
    for (int prompt : batch) {
      rows.add(Objects.requireNonNull(names.get(prompt)));
    }
    return adapters.names().isEmpty() ? body.get() : adapters.with(rows, body);
  }
}
