package dev.quintet.trainer.loop;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.EpochExamples;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Mixture;
import dev.quintet.trainer.data.Packing;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.data.Windows;
import dev.quintet.trainer.head.HeadKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/// Makes the parts of a run's data into token ids, as a [Trainer]'s settings have it.
final class PartEncoder {
  private final Trainer asked;
  private final Trainee trainee;

  PartEncoder(Trainer asked) {
    this.asked = asked;
    this.trainee = asked.trainee;
  }

  /// Pairs to learn from: of sources that are cut in a passage, the windows that hold an answer.
  PreparedPart learnable(Pairs pairs, boolean packed) {
    if (!Windows.concern(pairs.samples())) {
      return encode(pairs, packed);
    }
    refuseWordLabels();
    Windows.Learned found = windows().toLearn(pairs.samples(), CpuBackend.threads());
    if (found.pairs().size() == 0) {
      throw new IllegalArgumentException(
          "of %,d rows to learn from none has a window of %,d tokens that holds its answer: allow longer sources (max_source)"
              .formatted(pairs.size(), asked.maxSource));
    }
    return encode(found.pairs(), packed).withWindows(List.of(), found.rows(), found.counts());
  }

  /// Pairs to answer, an example each: of sources that are cut in a passage, the window by which the loss is measured.
  PreparedPart answerable(Pairs pairs) {
    List<Sample> samples = pairs.samples();
    if (!Windows.concern(samples)) {
      return encode(pairs, false);
    }
    refuseWordLabels();
    List<List<Sample>> all = windows().of(samples, CpuBackend.threads());
    return encode(Pairs.ofSamples(all.stream().map(Windows::scored).toList()), false)
        .withWindows(all, List.of(), Windows.counts(samples, all));
  }

  /// Pairs to learn from that are other ones in each epoch.
  PreparedPart anew(LongFunction<Pairs> learn) {
    if (asked.packing || asked.stride.isPresent() && Windows.concern(asked.learned.samples())) {
      throw new IllegalArgumentException(
          "pairs made anew for each epoch are as many in each, but not the rows that they share (packing), nor their windows (stride): leave that out");
    }
    PreparedPart first = learnable(asked.learned, false);
    String fingerprint = "anew " + Fingerprint.of(first.examples());
    var examples =
        new EpochExamples(
            epoch ->
                epoch == 0 ? first.examples() : learnable(learn.apply(epoch), false).examples(),
            fingerprint);
    return first.with(examples);
  }

  /// Pairs of several tasks to learn from.
  PreparedPart mixed(SequencedMap<String, Pairs> of, double limit, double temperature) {
    if (asked.packing) {
      throw new IllegalArgumentException(
          "packing puts pairs of one task into a row: leave it out where several are learned");
    }
    PreparedPart whole = learnable(asked.learned, false);
    var tasks = new ArrayList<Examples>();
    int row = 0;
    int from = 0;
    for (var task : of.entrySet()) {
      int size = whole.examples(row, row + task.getValue().size());
      if (size == 0) {
        throw new IllegalArgumentException(
            "the task \"%s\" has no window that holds an answer to learn from"
                .formatted(task.getKey()));
      }
      tasks.add(
          Examples.of(
              IntStream.range(from, from + size)
                  .mapToObj(i -> whole.examples().example(i, 0))
                  .toList()));
      row += task.getValue().size();
      from += size;
    }
    long[] sizes = tasks.stream().mapToLong(Examples::size).toArray();
    double[] shares = Mixture.rates(sizes, limit, temperature);
    var mixture = new Mixture(tasks, shares, asked.seed);
    int[] places = mixture.seen();
    List<String> names = List.copyOf(of.keySet());
    List<TaskShares.Share> list =
        IntStream.range(0, sizes.length)
            .mapToObj(t -> new TaskShares.Share(names.get(t), (int) sizes[t], shares[t], places[t]))
            .toList();
    int rows = asked.batchSize * asked.accumulation;
    return whole.withTasks(
        mixture,
        new TaskShares(
            list, mixture, new BatchPlan(mixture, rows, Planning.POOL_BATCHES, asked.seed)));
  }

  /// Running text, corrupted.
  ///
  /// @param part what it is for, such as `training`
  PreparedPart corrupted(String part, List<String> documents) {
    if (documents.isEmpty()) {
      return PreparedPart.nothing();
    }
    Tokenizer tokenizer = trainee.tokenizer();
    int eos = tokenizer.eosId().orElse(trainee.model().config().eosId());
    return PreparedPart.of(
        new RunningText(tokenizer, eos, asked.density, asked.meanSpan, asked.maxSource)
            .corrupted(part, documents, asked.seed));
  }

  /// The sources by which pairs are answered.
  List<List<String>> questions(Pairs of) {
    return windows().of(of.samples(), CpuBackend.threads()).stream()
        .map(own -> own.stream().map(Sample::source).toList())
        .toList();
  }

  private Windows windows() {
    return new Windows(trainee.tokenizer().source(), asked.maxSource, asked.stride);
  }

  private void refuseWordLabels() {
    if (trainee instanceof HeadTrainee own && own.task().kind() == HeadKind.TOKENS) {
      throw new IllegalArgumentException(
          "a head of tokens labels each word of a source, so no part of it can be cut (\"cut\"): leave that out");
    }
  }

  private PreparedPart encode(Pairs pairs, boolean packed) {
    EncodedPairs encoded = trainee.encoded(pairs, asked.maxSource, asked.maxTarget);
    List<Example> examples =
        packed
            ? Packing.rows(encoded.examples(), asked.maxSource, asked.maxTarget, asked.seed)
            : encoded.examples();
    return new PreparedPart(
        Examples.of(examples),
        new TrainingData.Part(
            pairs.size(),
            Optional.of(encoded.sources()),
            Optional.of(encoded.targets()),
            packed ? OptionalInt.of(examples.size()) : OptionalInt.empty()));
  }
}
