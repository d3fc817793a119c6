package dev.quintet.trainer.search;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tree of Parzen estimators: draws from where good trials are dense, and takes what is likeliest there against the others
/// (Bergstra and others 2011, "Algorithms for hyper-parameter optimization"). Each parameter is drawn apart.
final class TpeSampler implements Sampler {
  private static final long SITE = Site.of("search.tpe");
  private static final int RANDOM = 10;
  private static final int MOST_GOOD = 25;
  private static final int DRAWS = 24;

  private final Space space;
  private final long seed;

  TpeSampler(Space space, long seed) {
    this.space = space;
    this.seed = seed;
  }

  @Override
  public Optional<Proposal> propose(int trial, List<Seen> seen) {
    List<Seen> known =
        seen.stream()
            .filter(one -> one.state() != Seen.State.PENDING)
            .sorted(
                Comparator.comparingDouble(
                    (Seen one) -> one.state() == Seen.State.FAILED ? Double.NaN : one.value()))
            .toList();
    if (trial < RANDOM || known.size() < 2) {
      return Optional.of(
          new Proposal(space.at(RandomSampler.units(seed, trial, space.dimensions()))));
    }
    int good = Math.min(MOST_GOOD, (int) Math.ceil(0.1 * known.size()));
    Philox random = Philox.of(seed, SITE + trial);
    double[] units = new double[space.dimensions()];
    int i = 0;
    for (String name : space.names()) {
      units[i++] =
          draw(
              space.parameter(name),
              units(name, known.subList(0, good)),
              units(name, known.subList(good, known.size())),
              random);
    }
    return Optional.of(new Proposal(space.at(units)));
  }

  /// Where trials have a parameter, among those that have it.
  private double[] units(String name, List<Seen> trials) {
    return trials.stream()
        .map(Seen::values)
        .filter(values -> values.containsKey(name))
        .mapToDouble(values -> unit(name, values))
        .toArray();
  }

  private double unit(String name, Map<String, Object> values) {
    var one = new LinkedHashMap<String, Object>(values);
    one.keySet().retainAll(List.of(name));
    return space.units(one)[space.names().indexOf(name)];
  }

  private static double draw(Parameter parameter, double[] good, double[] bad, Philox random) {
    if (parameter instanceof Parameter.Choice choice) {
      return choose(choice.values().size(), good, bad, random);
    }
    var dense = new Parzen(good);
    var other = new Parzen(bad);
    double best = 0.5;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < DRAWS; i++) {
      double u = dense.draw(random);
      double ratio = StrictMath.log(dense.density(u)) - StrictMath.log(other.density(u));
      if (ratio > most) {
        most = ratio;
        best = u;
      }
    }
    return best;
  }

  private static double choose(int count, double[] good, double[] bad, Philox random) {
    double[] dense = shares(count, good);
    double[] other = shares(count, bad);
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < DRAWS; i++) {
      double u = random.nextDouble();
      int drawn = 0;
      while (drawn < count - 1 && u >= dense[drawn]) {
        u -= dense[drawn++];
      }
      if (dense[drawn] / other[drawn] > most) {
        most = dense[drawn] / other[drawn];
        best = drawn;
      }
    }
    return (best + 0.5) / count;
  }

  /// How often each value occurs, with one more trial that is spread over all.
  private static double[] shares(int count, double[] units) {
    double[] shares = new double[count];
    Arrays.fill(shares, 1.0 / count);
    for (double u : units) {
      shares[Math.min(count - 1, (int) (u * count))]++;
    }
    return Arrays.stream(shares).map(share -> share / (units.length + 1)).toArray();
  }
}
