package dev.quintet.trainer.search;

import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import dev.quintet.trainer.search.GaussianProcess.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// Asks a Gaussian process where the greatest improvement is expected (Jones and others 1998), after a start that fills
/// the space evenly.
///
/// Trials that still run count as if they had come to what is expected of them; trials that failed as the worst there is.
/// Values worse than the median are drawn towards it: how bad a bad place is says little about where the best one lies, and a
/// training that has diverged would leave all others alike. Where the process proposes a place that is as good as known, it is sure
/// of more than it has seen, such as that a parameter does not matter; then it is asked again under the prior's numbers.
final class GaussianProcessSampler implements Sampler {
  private static final long JITTER = Site.of("search.jitter");
  private static final int CANDIDATES = 1024;
  private static final int BEST = 5;
  private static final int JITTERS = 10;
  private static final double SPREAD = 0.05;
  private static final int CLIMBED = 5;
  private static final double REACH = 0.1;
  private static final double NEAR = 1e-4;
  private static final int MOST = 150;
  private static final double SAME = 1e-6;
  private static final double KNOWN = 1e-3;
  private static final double DRAWN = 4;
  private static final int FIRST_CLIMBS = 12;
  private static final int LATER_CLIMBS = 2;

  private final Space space;
  private final long seed;
  private final SobolSampler start;
  private final int starts;
  private final Encoding encoding;

  GaussianProcessSampler(Space space, long seed) {
    this.space = space;
    this.seed = seed;
    start = new SobolSampler(space, seed);
    starts = Math.max(8, 2 * space.dimensions());
    encoding = new Encoding(space);
  }

  @Override
  public Optional<Proposal> propose(int trial, List<Seen> seen) {
    List<Seen> known = known(seen);
    if (trial < starts || known.isEmpty()) {
      return Optional.of(new Proposal(space.at(start.units(trial))));
    }
    double[][] points =
        known.stream().map(one -> encoding.point(one.values())).toArray(double[][]::new);
    double[] values = drawn(known.stream().mapToDouble(Seen::value).toArray());
    Settings settings = settings(points, values, seen);
    Optional<Proposal> fitted = proposal(points, values, settings, trial, known, seen);
    if (fitted.filter(one -> isKnown(one, known)).isEmpty()) {
      return fitted;
    }
    Settings prior = Settings.prior(encoding.dimensions());
    return proposal(points, values, prior, trial, known, seen)
        .map(one -> new Proposal(one.values(), settings.logs()));
  }

  private Optional<Proposal> proposal(
      double[][] points,
      double[] values,
      Settings settings,
      int trial,
      List<Seen> known,
      List<Seen> seen) {
    GaussianProcess process = new GaussianProcess(points, values, settings);
    List<Seen> pending = seen.stream().filter(one -> one.state() == Seen.State.PENDING).toList();
    if (!pending.isEmpty()) {
      process = believing(process, points, values, pending, settings);
    }
    double best = Arrays.stream(points).mapToDouble(process::meanAt).min().orElseThrow();
    return new Search(process, best, trial, known).propose(seen, settings);
  }

  /// Values of which those above the median lie nearer to it, the more so the further they are off.
  private static double[] drawn(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    double spread =
        Math.sqrt(
            Arrays.stream(values)
                .filter(value -> value < median)
                .map(value -> (value - median) * (value - median))
                .average()
                .orElse(1));
    return Arrays.stream(values)
        .map(value ->
            value <= median
                ? value
                : median + spread * StrictMath.log1p((value - median) / (DRAWN * spread)))
        .toArray();
  }

  private boolean isKnown(Proposal proposal, List<Seen> known) {
    double[] units = space.units(proposal.values());
    return known.stream()
        .map(one -> space.units(one.values()))
        .anyMatch(other ->
            IntStream.range(0, units.length).allMatch(i -> Math.abs(units[i] - other[i]) <= KNOWN));
  }

  /// Trials with a value, failed ones with the worst.
  private static List<Seen> known(List<Seen> seen) {
    double worst =
        seen.stream()
            .filter(GaussianProcessSampler::counts)
            .mapToDouble(Seen::value)
            .max()
            .orElse(Double.NaN);
    if (Double.isNaN(worst)) {
      return List.of();
    }
    return seen.stream()
        .filter(one -> one.state() != Seen.State.PENDING)
        .map(one ->
            counts(one)
                ? one
                : new Seen(one.trial(), one.values(), worst, one.state(), one.model()))
        .toList();
  }

  private static boolean counts(Seen one) {
    return one.state() == Seen.State.KNOWN && Double.isFinite(one.value());
  }

  private Settings settings(double[][] points, double[] values, List<Seen> seen) {
    if (points.length < Encoding.ENOUGH) {
      return Settings.prior(encoding.dimensions());
    }
    Optional<Settings> last =
        seen.reversed().stream()
            .filter(one -> one.model().length == encoding.dimensions() + 2)
            .findFirst()
            .map(one -> Settings.ofLogs(one.model()));
    return ProcessFit.of(points, values, last.isPresent() ? LATER_CLIMBS : FIRST_CLIMBS, last);
  }

  private GaussianProcess believing(
      GaussianProcess process,
      double[][] points,
      double[] values,
      List<Seen> pending,
      Settings settings) {
    var allPoints = new ArrayList<>(List.of(points));
    double[] allValues = Arrays.copyOf(values, values.length + pending.size());
    for (int i = 0; i < pending.size(); i++) {
      double[] point = encoding.point(pending.get(i).values());
      allPoints.add(point);
      allValues[values.length + i] = process.meanAt(point);
    }
    return new GaussianProcess(allPoints.toArray(double[][]::new), allValues, settings);
  }

  /// One search for the greatest expected improvement.
  private final class Search {
    private final GaussianProcess process;
    private final double best;
    private final int trial;
    private final List<Seen> known;

    Search(GaussianProcess process, double best, int trial, List<Seen> known) {
      this.process = process;
      this.best = best;
      this.trial = trial;
      this.known = known;
    }

    Optional<Proposal> propose(List<Seen> seen, Settings settings) {
      List<Place> places = new ArrayList<>(candidates().stream().map(this::place).toList());
      places.sort(Comparator.comparingDouble((Place place) -> place.value).reversed());
      for (int i = 0; i < Math.min(CLIMBED, places.size()); i++) {
        places.set(i, climbed(places.get(i)));
      }
      places.sort(Comparator.comparingDouble((Place place) -> place.value).reversed());
      List<double[]> taken = seen.stream().map(one -> space.units(one.values())).toList();
      return places.stream()
          .map(place -> space.at(place.units))
          .filter(values -> isNew(values, taken))
          .findFirst()
          .or(() -> unseen(taken))
          .map(values -> new Proposal(values, settings.logs()));
    }

    private List<double[]> candidates() {
      var candidates = new ArrayList<double[]>();
      double[] shift = RandomSampler.units(seed, JITTER ^ trial, space.dimensions());
      for (double[] point : Sobol.points(space.dimensions(), 1, CANDIDATES)) {
        candidates.add(Sobol.shifted(point, shift));
      }
      List<double[]> bestSeen =
          known.stream()
              .sorted(Comparator.comparingDouble(Seen::value))
              .limit(BEST)
              .map(one -> space.units(one.values()))
              .toList();
      candidates.addAll(bestSeen);
      Philox random = Philox.of(seed, JITTER + 1 + trial);
      for (int i = 0; i < JITTERS; i++) {
        candidates.add(
            Arrays.stream(bestSeen.getFirst())
                .map(u -> Math.clamp(u + SPREAD * random.nextGaussian(), 0, 1))
                .toArray());
      }
      return candidates;
    }

    private Place place(double[] units) {
      double[] point = encoding.point(space.at(units), units);
      GaussianProcess.Prediction there = process.at(point);
      return new Place(units, ExpectedImprovement.log(there.mean(), there.latent(), best, 0));
    }

    /// Moves what can be moved a little: choices stay.
    private Place climbed(Place from) {
      int[] moved =
          IntStream.range(0, space.dimensions())
              .filter(i -> !(space.parameter(space.names().get(i)) instanceof Parameter.Choice))
              .toArray();
      if (moved.length == 0 || from.value == Double.NEGATIVE_INFINITY) {
        return from;
      }
      double[] high = new double[moved.length];
      Arrays.fill(high, 1);
      double[] begin = Arrays.stream(moved).mapToDouble(i -> from.units[i]).toArray();
      Climb.Top top =
          Climb.from(
              begin,
              new double[moved.length],
              high,
              REACH,
              NEAR,
              MOST,
              at -> Math.max(-1e300, place(with(from.units, moved, at)).value));
      return top.value() > from.value
          ? new Place(with(from.units, moved, top.place()), top.value())
          : from;
    }

    private static double[] with(double[] units, int[] moved, double[] at) {
      double[] changed = units.clone();
      for (int i = 0; i < moved.length; i++) {
        changed[moved[i]] = at[i];
      }
      return changed;
    }

    private boolean isNew(SequencedMap<String, Object> values, List<double[]> taken) {
      double[] units = space.units(values);
      return taken.stream()
          .noneMatch(other ->
              IntStream.range(0, units.length)
                  .allMatch(i -> Math.abs(units[i] - other[i]) <= SAME));
    }

    /// In a space with few sets of values, the first of them that nobody has tried.
    private Optional<SequencedMap<String, Object>> unseen(List<double[]> taken) {
      return space.size().orElse(Long.MAX_VALUE) > 10 * CANDIDATES
          ? Optional.empty()
          : space.grid().stream().filter(values -> isNew(values, taken)).findFirst();
    }
  }

  private record Place(double[] units, double value) {}
}
