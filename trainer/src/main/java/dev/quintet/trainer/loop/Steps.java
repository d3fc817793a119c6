package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.RunState.Inputs;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Constant;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.optim.Updates;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Takes a training's steps, in which the device is asked for no answer.
///
/// Where a device can take work down ([Queue#captures]), a step of each shape of batches is taken down once and repeated
/// from then on: one upload and one command. A step of another number of rows, such as an epoch's last, and the first one
/// after something else trains than before, are called kernel by kernel; their bits are the same.
final class Steps implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Steps.class.getName());

  /// Shapes that are kept; the one used longest ago goes first.
  private static final int MOST = 32;

  private final Learner learner;
  private final Updates updates;
  private final int rows;
  private final Backend backend;
  private final Parameter any;
  private final LinkedHashMap<List<BatchPlan.Size>, Taken> taken =
      new LinkedHashMap<>(16, 0.75f, true);
  private Optional<Events> readers = Optional.empty();
  private boolean captures;
  private boolean changed = true; // since the last step, what trains

  /// Steps of a learner.
  ///
  /// @param rows of a whole step
  /// @param repeats whether steps are taken down; else all of them are called kernel by kernel
  Steps(Learner learner, Updates updates, int rows, boolean repeats) {
    this(learner, updates, rows, repeats, passes(updates.device()));
  }

  /// @param passing whether memory of gradients is there for activations before and after
  Steps(Learner learner, Updates updates, int rows, boolean repeats, boolean passing) {
    this.learner = learner;
    this.updates = updates;
    this.rows = rows;
    this.backend = Backends.of(updates.device());
    this.any = learner.module().parameters().values().iterator().next();
    this.captures = repeats && learner.repeats() && backend.queue().captures() && updates.repeats();
    passing(passing);
  }

  /// Whether memory of gradients is there for activations before and after; who repeats a step needs it where it was.
  static boolean passes(Device device) {
    return device.equals(Device.cpu());
  }

  private void passing(boolean on) {
    learner.parameters().values().forEach(parameter -> parameter.passingGradient(on));
  }

  /// Lets somebody read the gradients of each step before its update; no step is repeated as a whole then.
  Steps readBy(Events events) {
    readers = Optional.of(events);
    captures = false;
    return this;
  }

  /// A step that was taken down.
  ///
  /// @param block what each repetition reads
  /// @param table of the parameters that it updates
  private record Taken(Constant block, long address, Queue.Replay replay, Spans table)
      implements AutoCloseable {
    @Override
    public void close() {
      replay.close();
      block.close();
    }
  }

  /// A whole step.
  ///
  /// @param batches of the step, whose gradients are added up
  Updates.Applied run(List<Batch> batches, long seed, long step, double rate) {
    Updates.Applied applied = applied(batches, seed, step, rate);
    learner
        .afterStep()
        .filter(_ -> applied.outcome().skipped() == 0)
        .ifPresent(then -> then.accept(step + 1));
    learner.module().zeroGradients();
    return applied;
  }

  /// A step on a device that counts, of which nothing but that is left.
  void walk(List<Batch> batches, long seed) {
    var _ = applied(batches, seed, 0, 1e-3);
    learner.module().zeroGradients();
  }

  private Updates.Applied applied(List<Batch> batches, long seed, long step, double rate) {
    Work work = work(batches, seed, step, rate);
    boolean whole = batches.stream().mapToInt(Batch::rows).sum() == rows;
    if (!captures || changed || !whole) {
      changed = false;
      return eagerly(work);
    }
    List<BatchPlan.Size> shape =
        batches.stream()
            .map(b -> new BatchPlan.Size(b.rows(), b.sourceLength(), b.targetLength()))
            .toList();
    Taken repeated = taken.get(shape);
    if (repeated == null || repeated.table != updates.table()) {
      Optional<Taken> now = takeDown(work);
      if (now.isEmpty()) {
        return eagerly(work);
      }
      repeated = now.get();
      keep(shape, repeated);
    } else {
      backend
          .memory()
          .write(MemorySegment.ofArray(work.words), repeated.address, 4L * work.words.length);
    }
    repeated.replay.run();
    return updates.applied();
  }

  /// Whether steps are taken down and repeated.
  boolean captures() {
    return captures;
  }

  /// Forgets what was taken down: something else trains from now on.
  void forget() {
    taken.values().forEach(Taken::close);
    taken.clear();
    changed = true;
  }

  @Override
  public void close() {
    forget();
    passing(false);
  }

  private void keep(List<BatchPlan.Size> shape, Taken now) {
    Taken before = taken.put(shape, now);
    if (before != null) {
      before.close();
    }
    if (taken.size() > MOST) {
      var oldest = taken.entrySet().iterator();
      oldest.next().getValue().close();
      oldest.remove();
    }
  }

  private Updates.Applied eagerly(Work work) {
    try (var _ = Scope.open(updates.device())) {
      call(work, Tensor.ofInts(Shape.of(work.words.length), work.words));
    }
    return updates.applied();
  }

  /// Takes a step down without computing it.
  private Optional<Taken> takeDown(Work work) {
    var block = new Constant(Shape.of(work.words.length), work.words);
    try {
      long address = block.beside(any).address();
      if (taken.isEmpty()) {
        backend.memory().trim(); // steps that are called kernel by kernel become rare
      }
      Queue.Replay replay =
          backend
              .queue()
              .capture(() -> {
                try (var _ = Scope.open(updates.device())) {
                  call(work, block.beside(any));
                }
              });
      return Optional.of(new Taken(block, address, replay, updates.table()));
    } catch (IllegalStateException e) {
      block.close();
      captures = false;
      learner.module().zeroGradients(); // of as much of the step as was called
      updates.begin();
      LOG.log(
          System.Logger.Level.WARNING,
          "steps are called kernel by kernel, since they cannot be taken down: " + e.getMessage());
      return Optional.empty();
    }
  }

  /// Calls the kernels of a step.
  ///
  /// @param block with its words
  private void call(Work work, Tensor block) {
    int from = 0;
    for (int i = 0; i < work.batches.size(); i++) {
      Batch batch = work.batches.get(i);
      Inputs inputs = work.inputs.get(i);
      try (var _ = Scope.open(updates.device())) {
        Batch there = batch.in(block, from, Optional.of(updates.state()));
        Pass pass =
            Pass.training(inputs.seed(), inputs.step(), inputs.firstRow()).with(updates.state());
        Tensor part = learner.loss(there, pass, work.labels);
        updates.add(part);
        if (updates.fused()) {
          updates.updateOnTheWayBack(part);
        } else if (part.requiresGradient()) {
          part.backward();
        }
      }
      from += batch.wordCount();
      int part = i;
      readers.ifPresent(events -> events.partDone(inputs.step() + 1, part, work.batches.size()));
    }
    if (updates.fused()) {
      return;
    }
    if (readers.isEmpty()) {
      updates.update();
      return;
    }
    Events events = readers.get();
    long step = work.inputs.getFirst().step() + 1;
    updates.update((outcome, updated) ->
        events.gradientsReady(new Gradients(step, outcome.loss(), outcome.norm(), updated)));
  }

  /// A step's batches, what changes with it, and both as the words that a device gets.
  ///
  /// @param labels that count in all of them
  private record Work(List<Batch> batches, List<Inputs> inputs, int labels, int[] words) {}

  private Work work(List<Batch> batches, long seed, long step, double rate) {
    int labels = Math.max(1, batches.stream().mapToInt(Batch::labelTokens).sum());
    var inputs = new ArrayList<Inputs>();
    int[] words = new int[batches.stream().mapToInt(Batch::wordCount).sum()];
    int from = 0;
    for (Batch batch : batches) {
      inputs.add(new Inputs(seed, step, batch.firstRow(), rate, 1f / labels));
      int[] some = batch.words(learner.startId(), inputs.getLast());
      System.arraycopy(some, 0, words, from, some.length);
      from += some.length;
    }
    return new Work(batches, inputs, labels, words);
  }
}
