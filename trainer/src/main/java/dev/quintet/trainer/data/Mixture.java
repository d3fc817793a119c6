package dev.quintet.trainer.data;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.Arrays;
import java.util.List;

/// Examples of several tasks in rates of their own: each place of an epoch has the task that seed and place draw, and each
/// task goes through its examples by epochs of its own, shuffled anew.
///
/// An epoch has as many places as there are examples.
public final class Mixture implements Examples {
  /// The limit of T5's mixture of many tasks (Raffel et al. 2020, section 3.5.2).
  public static final long LIMIT = 1L << 21;

  private static final long DRAW = Site.of("data.mixture");
  private static final long ORDER = Site.of("data.mixture.order");

  private final List<Examples> tasks;
  private final double[] rates;
  private final long seed;
  private final int size;
  private final int[] task; // of each place
  private final int[] turn; // how many of its task come before it
  private final int[] places; // of each task
  private final long[] rounds; // whose order is kept, of each task
  private final int[][] orders;

  /// A mixture.
  ///
  /// @param tasks at least one, none empty
  /// @param rates of the tasks, as [#rates] makes them
  /// @param seed of the draws
  public Mixture(List<Examples> tasks, double[] rates, long seed) {
    this.tasks = List.copyOf(tasks);
    this.rates = rates.clone();
    this.seed = seed;
    if (tasks.isEmpty()
        || rates.length != tasks.size()
        || tasks.stream().anyMatch(one -> one.size() == 0)) {
      throw new IllegalArgumentException(
          "a mixture has tasks with examples and a rate each, got %d tasks and %d rates"
              .formatted(tasks.size(), rates.length));
    }
    this.size = Math.toIntExact(tasks.stream().mapToLong(Examples::size).sum());
    this.task = new int[size];
    this.turn = new int[size];
    this.places = new int[tasks.size()];
    this.rounds = new long[tasks.size()];
    this.orders = new int[tasks.size()][];
    Arrays.fill(rounds, -1);
    for (int i = 0; i < size; i++) {
      task[i] = draw(Philox.of(seed, DRAW + i).nextDouble());
      turn[i] = places[task[i]]++;
    }
  }

  /// The rates of tasks: their sizes up to a limit, to the power of 1/temperature, as shares.
  ///
  /// @param sizes how many examples each has
  /// @param limit above which a size does not count
  /// @param temperature 1 keeps the sizes' proportions; the larger, the nearer to equal shares
  public static double[] rates(long[] sizes, double limit, double temperature) {
    if (!(limit > 0 && temperature > 0)) {
      throw new IllegalArgumentException(
          "limit and temperature are positive, got " + limit + " and " + temperature);
    }
    double[] rates =
        Arrays.stream(sizes)
            .mapToDouble(size -> Math.pow(Math.min(size, limit), 1 / temperature))
            .toArray();
    double sum = Arrays.stream(rates).sum();
    return Arrays.stream(rates).map(rate -> rate / sum).toArray();
  }

  private int draw(double at) {
    double sum = 0;
    for (int t = 0; t < rates.length - 1; t++) {
      sum += rates[t];
      if (at < sum) {
        return t;
      }
    }
    return rates.length - 1;
  }

  /// How many examples of each task an epoch sees.
  public int[] seen() {
    return places.clone();
  }

  /// Which task an example is of.
  ///
  /// @param index from 0 to below [#size]
  public int task(int index) {
    return task[index];
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int length(int index) {
    return length(index, 0);
  }

  @Override
  public int length(int index, long epoch) {
    return tasks.get(task[index]).length(index(index, epoch));
  }

  @Override
  public Example example(int index, long epoch) {
    Examples of = tasks.get(task[index]);
    return of.example(index(index, epoch), turns(index, epoch) / of.size());
  }

  private long turns(int index, long epoch) {
    return epoch * places[task[index]] + turn[index];
  }

  /// Which example of its task a place has in an epoch.
  private int index(int index, long epoch) {
    int t = task[index];
    int of = tasks.get(t).size();
    long turns = turns(index, epoch);
    return order(t, turns / of)[(int) (turns % of)];
  }

  private synchronized int[] order(int t, long round) {
    if (round != rounds[t]) {
      orders[t] =
          Permutation.of(seed, ORDER + t * 0x9E3779B97F4A7C15L + round, tasks.get(t).size());
      rounds[t] = round;
    }
    return orders[t];
  }
}
