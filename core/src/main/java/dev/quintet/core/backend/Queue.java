package dev.quintet.core.backend;

/// An order of work on a device: kernels, copies and releases of memory run one after another as they were called.
///
/// A device may have several; see [Backend#queue] and [Backend#openQueue]. The processor has one, whose work is done when
/// the call returns: all that is here as a default is its.
public interface Queue extends AutoCloseable {

  /// A mark behind everything called so far.
  default Event record() {
    return new Event() {};
  }

  /// Has what is called from now on wait for an event of another queue.
  default void await(Event event) {}

  /// Waits until everything called so far has finished.
  default void synchronize() {}

  /// A mark behind everything called so far that knows when it was reached. A queue without a clock of its own waits for
  /// the work before it.
  default Moment moment() {
    synchronize();
    return new HostMoment(System.nanoTime());
  }

  /// Takes down what a body calls, to be run as often as wanted: on a device, without Java; by default by running the
  /// body each time. Nothing is computed before [Replay#run].
  ///
  /// The body calls kernels and takes and gives back memory. It must not wait, nor copy from the host: what changes from
  /// run to run is written beforehand to memory that the body reads. Java may run the body once or at each run, so counts
  /// of the host's stay outside.
  default Replay capture(Runnable body) {
    return body::run;
  }

  /// Whether [#capture] takes work down so that it is repeated without Java, and is worth the memory of its own.
  default boolean captures() {
    return false;
  }

  /// Ends the use of this queue by the thread that opened it.
  @Override
  default void close() {}

  /// A place in the order of a queue.
  interface Event extends AutoCloseable {

    /// Whether the work before it has finished.
    default boolean done() {
      return true;
    }

    @Override
    default void close() {}
  }

  /// When the work of a queue had come so far.
  interface Moment extends AutoCloseable {

    /// Nanoseconds from an earlier moment of the same queue to this one, for which the host waits.
    ///
    /// @throws IllegalArgumentException if the other is a moment of another kind of queue
    long since(Moment earlier);

    @Override
    default void close() {}
  }

  /// A moment by the host's clock.
  ///
  /// @param nanoseconds of [System#nanoTime]
  record HostMoment(long nanoseconds) implements Moment {
    @Override
    public long since(Moment earlier) {
      if (earlier instanceof HostMoment(long before)) {
        return nanoseconds - before;
      }
      throw new IllegalArgumentException(
          "two moments of different queues have no time between them");
    }
  }

  /// Work that was taken down.
  interface Replay extends AutoCloseable {

    /// Calls the work once more, behind all that was called on the queue before.
    void run();

    @Override
    default void close() {}
  }
}
