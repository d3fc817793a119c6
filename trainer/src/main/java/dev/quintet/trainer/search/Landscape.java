package dev.quintet.trainer.search;

import java.util.List;
import java.util.Optional;

/// What a Gaussian process expects of settings, from the trials of a search.
public final class Landscape {
  private final Space space;
  private final Encoding encoding;
  private final GaussianProcess process;

  private Landscape(Space space, Encoding encoding, GaussianProcess process) {
    this.space = space;
    this.encoding = encoding;
    this.process = process;
  }

  /// The landscape of trials that have a value; nothing where fewer than two of the values are different.
  public static Optional<Landscape> of(Space space, List<Seen> trials) {
    List<Seen> known =
        trials.stream()
            .filter(seen -> seen.state() == Seen.State.KNOWN && Double.isFinite(seen.value()))
            .toList();
    if (known.stream().map(Seen::value).distinct().count() < 2) {
      return Optional.empty();
    }
    var encoding = new Encoding(space);
    return Optional.of(new Landscape(space, encoding, encoding.process(known)));
  }

  /// The value expected at a place of the unit cube, where less is better.
  public double at(double[] units) {
    return process.meanAt(encoding.point(space.at(units), units));
  }
}
