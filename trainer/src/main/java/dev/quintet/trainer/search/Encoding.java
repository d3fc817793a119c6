package dev.quintet.trainer.search;

import dev.quintet.trainer.search.GaussianProcess.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Settings as points of a cube, for a Gaussian process: a choice has a dimension a value, anything else one.
final class Encoding {
  static final int ENOUGH = 6;
  private static final int CLIMBS = 12;

  private final Space space;
  private final int dimensions;

  Encoding(Space space) {
    this.space = space;
    dimensions = space.names().stream().mapToInt(name -> width(space.parameter(name))).sum();
  }

  private static int width(Parameter parameter) {
    return parameter instanceof Parameter.Choice choice ? choice.values().size() : 1;
  }

  int dimensions() {
    return dimensions;
  }

  /// The point of settings; what does not exist there is in the middle, and of no value.
  double[] point(Map<String, Object> values) {
    return point(values, space.units(values));
  }

  /// The point of settings whose places are known better than by their values: a whole number is rounded only when it is
  /// used.
  double[] point(Map<String, Object> values, double[] units) {
    double[] point = new double[dimensions];
    int at = 0;
    int i = 0;
    for (String name : space.names()) {
      Parameter parameter = space.parameter(name);
      Object value = values.get(name);
      if (parameter instanceof Parameter.Choice choice) {
        if (value != null) {
          point[at + choice.index(value)] = 1;
        }
      } else {
        point[at] = value == null ? 0.5 : units[i];
      }
      at += width(parameter);
      i++;
    }
    return point;
  }

  /// A process through trials that all have values, fitted anew.
  GaussianProcess process(List<Seen> known) {
    double[][] points = known.stream().map(seen -> point(seen.values())).toArray(double[][]::new);
    double[] values = known.stream().mapToDouble(Seen::value).toArray();
    Settings settings =
        known.size() < ENOUGH
            ? Settings.prior(dimensions)
            : ProcessFit.of(points, values, CLIMBS, Optional.empty());
    return new GaussianProcess(points, values, settings);
  }
}
