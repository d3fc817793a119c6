package dev.quintet.models.generate;

import dev.quintet.core.backend.BeamCall;
import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.random.PhiloxState;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/// Choosing tokens on the device that has the logits, so that these need not be read: where the host cannot look into its
/// memory, and at those lengths at which every processor is one that a device knows.
///
/// Its memory belongs to the scope in which it was made.
final class DeviceChoice {
  private static final System.Logger LOG = System.getLogger(Generator.class.getName());
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private final SelectionKernels kernels;
  private final Memory memory;
  private final List<Selectable> processors;
  private final Selection start;
  private final int[] ends;
  private final int pad;
  private final int rows;
  private final int vocabulary;
  private final int prompt;
  private final Tensor tokens;
  private final Tensor words;
  private final DrawState state;
  private final IntFunction<PhiloxState> streams;
  private Selection rule = Selection.LIKELIEST;
  private TokenRule tokenRule;
  private long drawn = -1;

  private DeviceChoice(
      Tensor memory,
      List<Selectable> processors,
      GenerationConfig config,
      int rows,
      int vocabulary,
      int prompt,
      IntFunction<PhiloxState> streams) {
    this.kernels = memory.backend().selection();
    this.memory = memory.backend().memory();
    this.processors = processors;
    this.start = config.samples() ? Selection.LIKELIEST.withDraws() : Selection.LIKELIEST;
    this.ends = config.eosIds();
    this.pad = config.padId();
    this.rows = rows;
    this.vocabulary = vocabulary;
    this.prompt = prompt;
    this.streams = streams;
    this.tokens = Tensor.empty(Shape.of(rows), DType.I32);
    long bytes = config.samples() ? DrawState.bytes(rows) : 4;
    this.words = Tensor.empty(Shape.of(bytes / 4), DType.I32);
    this.state = new DrawState(words.address());
    this.tokenRule = tokenRule(rule);
  }

  /// Choosing on the device of the encoder's states, if that is worth it.
  ///
  /// @param memory the encoder's states
  /// @param rows that are decoded
  /// @param prompt ids that the decoder is given
  /// @param streams where each row's random numbers begin
  static Optional<DeviceChoice> of(
      Tensor memory,
      List<LogitsProcessor> processors,
      GenerationConfig config,
      int rows,
      int vocabulary,
      int prompt,
      IntFunction<PhiloxState> streams) {
    boolean seen = memory.backend().memory().host(memory.address(), 4).isPresent();
    if (seen || !memory.backend().selection().selects(Selection.LIKELIEST, vocabulary)) {
      return Optional.empty();
    }
    String others =
        processors.stream()
            .filter(one -> !(one instanceof Selectable))
            .map(Processors::option)
            .distinct()
            .collect(Collectors.joining(", "));
    if (config.beams() > 1 && config.samples()) {
      others = "do_sample with beams";
    }
    if (!others.isEmpty()) {
      say(others, vocabulary, memory.device());
      return Optional.empty();
    }
    return Optional.of(
        new DeviceChoice(
            memory,
            processors.stream().map(Selectable.class::cast).toList(),
            config,
            rows,
            vocabulary,
            prompt,
            streams));
  }

  /// The rule for sequences of a length, if a device can choose by one.
  Optional<Selection> rule(int length) {
    Optional<Selection> joined = Optional.of(start);
    for (Selectable processor : processors) {
      joined = joined.flatMap(before -> processor.join(before, length, prompt));
    }
    Optional<Selection> all = joined.map(this::possible);
    if (all.isPresent() && !kernels.selects(all.get(), vocabulary)) {
      String ids = "the prohibition of " + all.get().forbidden().size() + " tokens";
      say(ids, vocabulary, words.device());
      return Optional.empty();
    }
    return all;
  }

  /// Says once what costs a device the reading of all scores.
  private static void say(String what, int vocabulary, Device device) {
    if (SAID.add(what)) {
      LOG.log(
          Level.WARNING,
          "generate: {0} is worked out on the host, which reads the scores of all {1} tokens from {2} each time",
          what,
          Integer.toString(vocabulary),
          device);
    }
  }

  /// Ids that are no tokens are nothing to forbid.
  private Selection possible(Selection joined) {
    return joined.withForbidden(
        joined.forbidden().stream().filter(id -> id >= 0 && id < vocabulary).toList());
  }

  /// For how many tokens from a length on the rule stays the same; at most so many.
  int stays(Selection now, int length, int most) {
    int count = 1;
    while (count < most && rule(length + count).filter(now::equals).isPresent()) {
      count++;
    }
    return count;
  }

  /// Chooses the next token of each row.
  ///
  /// @param logits `[rows, V]`
  /// @param length of the sequences
  int[] choose(Tensor logits, Selection next, int length) {
    prepare(next, length);
    kernels.select(next, rows, vocabulary, logits.address(), state, tokens.address());
    drawn++;
    return tokens.toInts();
  }

  /// How the device goes on by itself by a rule, from a length on; [#went] must follow.
  TokenRule goesOn(Selection next, int length) {
    prepare(next, length);
    return tokenRule;
  }

  /// Says how many tokens were chosen since [#goesOn], and how many were asked for.
  void went(int count, int asked) {
    drawn = count == asked ? drawn + count : -1; // it may have drawn for more than there are
  }

  /// Writes where random numbers stand, unless the device knows.
  private void prepare(Selection next, int length) {
    if (!next.equals(rule)) {
      rule = next;
      tokenRule = tokenRule(next);
    }
    int position = length - prompt;
    if (next.draws() && drawn != position) {
      var all = new PhiloxState[rows];
      Arrays.setAll(
          all,
          row -> {
            PhiloxState first = streams.apply(row);
            return new PhiloxState(first.seed(), first.stream(), position);
          });
      state.write(memory, all);
      drawn = position;
    }
  }

  private TokenRule tokenRule(Selection by) {
    TokenRule.Chooser chooser =
        by.equals(Selection.LIKELIEST)
            ? TokenRule.Chooser.LIKELIEST
            : (logits, to) -> kernels.select(by, rows, vocabulary, logits, state, to);
    return new TokenRule(chooser, Arrays.stream(ends).boxed().toList(), pad);
  }

  /// The best continuations of beams, in the order of inputs: scores, and places beam * V + id.
  ///
  /// @param count for each input
  Best beams(Tensor logits, Selection next, float[] sums, int inputs, int count) {
    int all = inputs * count;
    Tensor before = Tensor.of(Shape.of(rows), sums);
    Tensor found = Tensor.empty(Shape.of(2L * all), DType.I32);
    var call = new BeamCall(inputs, rows / inputs, vocabulary, count, next.forbidden());
    long places = found.address() + 4L * all;
    kernels.beams(call, logits.address(), before.address(), found.address(), places);
    int[] bits = new int[2 * all];
    memory.read(found.address(), MemorySegment.ofArray(bits), 8L * all);
    float[] scores = new float[all];
    for (int i = 0; i < all; i++) {
      scores[i] = Float.intBitsToFloat(bits[i]);
    }
    return new Best(scores, Arrays.copyOfRange(bits, all, 2 * all));
  }

  /// Continuations of all inputs.
  ///
  /// @param scores `[inputs, count]`
  /// @param places `[inputs, count]`
  record Best(float[] scores, int[] places) {}
}
