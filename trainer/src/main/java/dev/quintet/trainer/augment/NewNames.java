package dev.quintet.trainer.augment;

import dev.quintet.core.random.Philox;
import dev.quintet.trainer.augment.CodeNames.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Source code with other names of its local variables and parameters, drawn from those of all code to train on, as often as
/// they stand there.
public final class NewNames implements Augmenter {
  private static final String KIND = "identifiers";

  private static final int TRIES = 100;

  private final CodeNames language;
  private final TreeMap<String, Integer> seen = new TreeMap<>();
  private List<String> pool = List.of();
  private long[] upTo = {}; // of each name of the pool: how often it and those before it stand

  /// By names of this language.
  public NewNames(CodeNames language) {
    this.language = language;
  }

  @Override
  public void see(String text) {
    language
        .names(text)
        .ifPresent(names -> names.locals().forEach(name -> seen.merge(name, 1, Integer::sum)));
    pool = List.of();
  }

  @Override
  public void forget() {
    seen.clear();
    pool = List.of();
  }

  @Override
  public Outcome change(String text, Draw draw) {
    Optional<Names> names = language.names(text);
    if (names.isEmpty()) {
      return new Outcome.Cancelled(KIND, "the code does not parse");
    }
    if (names.get().locals().isEmpty()) {
      return new Outcome.Cancelled(KIND, "no name that can be exchanged");
    }
    Map<String, String> to = drawn(names.get(), draw.random("names." + text));
    if (to.isEmpty()) {
      return new Outcome.Cancelled(KIND, "no other name is free");
    }
    return language
        .renamed(text, to)
        .<Outcome>map(code -> new Outcome.Made(KIND, code))
        .orElse(new Outcome.Cancelled(KIND, "the new code does not parse to the same tree"));
  }

  private Map<String, String> drawn(Names names, Philox random) {
    fill();
    var used = new HashSet<String>(names.taken());
    used.addAll(names.locals());
    var to = new LinkedHashMap<String, String>();
    for (String local : names.locals()) {
      for (int i = 0; i < TRIES && !to.containsKey(local) && !pool.isEmpty(); i++) {
        String name = one(random);
        if (used.add(name)) {
          to.put(local, name);
        }
      }
    }
    return to;
  }

  private void fill() {
    if (pool.isEmpty()) {
      pool = new ArrayList<>(seen.keySet());
      upTo = new long[pool.size()];
      long sum = 0;
      int i = 0;
      for (int count : seen.values()) {
        sum += count;
        upTo[i++] = sum;
      }
    }
  }

  private String one(Philox random) {
    long at = random.nextLong(upTo[upTo.length - 1]);
    int low = 0;
    for (int high = upTo.length - 1; low < high; ) {
      int middle = (low + high) >>> 1;
      if (upTo[middle] > at) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return pool.get(low);
  }
}
