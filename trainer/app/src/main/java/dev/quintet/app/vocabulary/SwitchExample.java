package dev.quintet.app.vocabulary;

import dev.quintet.app.demo.DemoBase;
import dev.quintet.app.demo.DemoListener;
import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodNamer;
import dev.quintet.core.shape.Device;
import dev.quintet.models.adapt.vocabulary.RowInit;
import dev.quintet.models.adapt.vocabulary.RowPlan;
import dev.quintet.models.adapt.vocabulary.VocabularySwitch;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.metric.NameScores;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// The demo's model moves to a tokenizer of another pattern and size, its new rows begun in several ways, and learns for
/// equal steps: the embedding alone first, the body frozen, then everything.
///
/// @param base what changes its tokenizer
/// @param size of everything
/// @param out the trained models go there, each into a folder of its own
/// @param device where tensors lie
/// @param show shows it to somebody
/// @param watching told of each step
/// @param stop asked after each step
public record SwitchExample(
    DemoBase base,
    Size size,
    Path out,
    Device device,
    DemoListener show,
    List<TrainingListener> watching,
    BooleanSupplier stop) {
  /// How large everything is.
  ///
  /// @param vocabulary pieces of the new tokenizer; the demo's has 4,096
  /// @param texts that the tokenizer is trained on, beside all names
  /// @param steps of each training, of which the body is frozen for the first third
  /// @param validated methods whose names' loss is measured
  /// @param asked methods that the models name
  /// @param seed of everything random
  public record Size(int vocabulary, int texts, long steps, int validated, int asked, long seed) {
    /// A few minutes on two processors.
    public static final Size DEFAULT = new Size(8192, 40_000, 900, 2_000, 1_000, 0);

    /// The same with another number of steps.
    public Size withSteps(long count) {
      return new Size(vocabulary, texts, count, validated, asked, seed);
    }
  }

  /// Of the embedding's rate: with 0.01 FVT ends 0.08 nats per byte higher.
  private static final double PEAK = 0.02;

  private static final int ROUNDS = 7;
  private static final int ROWS = 64;

  /// Copies the list.
  public SwitchExample {
    watching = List.copyOf(watching);
  }

  /// Trains and measures.
  ///
  /// @return the table; nothing if it was stopped
  public Optional<SwitchTable> run() {
    Tokenizer now = tokenizer();
    now.save(out.resolve("tokenizer"));
    List<TextPair> asked = DemoBase.pairs(sample(base.methods().test(), size.asked()));
    var rows = new ArrayList<SwitchTable.Row>();
    try (TextToText old = TextToText.load(base.model(), device)) {
      List<TextPair> all = DemoBase.pairs(sample(base.methods().validation(), size.validated()));
      List<TextPair> validated = whole(all, old.tokenizer(), now);
      show.note(
          String.format(
              Locale.ROOT,
              "loss is measured on %,d names; %,d that have more than %d tokens with either tokenizer are left out",
              validated.size(),
              all.size() - validated.size(),
              DemoBase.MAX_TARGET));
      Data before = data(old.tokenizer(), validated, asked);
      rows.add(untrained(old, before));
      show.phase("The old tokenizer, trained on for as many steps");
      try (TextToText copy = TextToText.load(base.model(), device)) {
        if (!train("old tokenizer, trained on", copy, before, rows, Optional.empty())) {
          return Optional.empty();
        }
      }
      Data after = data(now, validated, asked);
      for (RowInit init : RowInit.values()) {
        if (!switched(old, now, init, true, after, rows)) {
          return Optional.empty();
        }
      }
      if (!switched(old, now, RowInit.RANDOM, false, after, rows)) {
        return Optional.empty();
      }
      return Optional.of(
          new SwitchTable(
              rows,
              old.tokenizer().vocabularySize(),
              now.vocabularySize(),
              size.steps(),
              frozen(),
              speeds(old, asked)));
    }
  }

  /// What is learned from and measured on, with a tokenizer.
  ///
  /// @param learned as a model reads them
  /// @param validated pairs whose targets' loss is measured
  /// @param validation the same as a model reads them
  /// @param asked pairs whose sources the models answer
  /// @param tokensPerByte of the latter
  private record Data(
      List<Example> learned,
      List<TextPair> validated,
      List<Example> validation,
      List<TextPair> asked,
      double tokensPerByte) {}

  private Data data(Tokenizer tokenizer, List<TextPair> validated, List<TextPair> asked) {
    return new Data(
        DemoBase.encode(DemoBase.pairs(base.methods().train()), tokenizer),
        validated,
        DemoBase.encode(validated, tokenizer),
        asked,
        PerByte.tokens(
            tokenizer,
            asked.stream().flatMap(pair -> Stream.of(pair.source(), pair.target())).toList()));
  }

  private List<MethodExample> sample(List<MethodExample> methods, int count) {
    return DemoBase.sample(methods, count, size.seed());
  }

  private long frozen() {
    return Math.max(1, size.steps() / 3);
  }

  /// Whole texts are the words of the pattern, so that a token may stand for several words of a name.
  private Tokenizer tokenizer() {
    show.phase("Training the new tokenizer");
    var texts = new ArrayList<String>();
    sample(base.methods().train(), size.texts()).forEach(method -> texts.add(method.source()));
    base.methods().train().forEach(method -> texts.add(method.target()));
    return Tokenizer.of(
        ByteBpeTrainer.of(size.vocabulary())
            .withPattern(SplitPattern.IDENTITY)
            .withAddPrefixSpace(true)
            .withSentinels(100)
            .train(texts));
  }

  /// The pairs whose targets are cut with neither tokenizer: the loss of others is of other bytes.
  private static List<TextPair> whole(List<TextPair> pairs, Tokenizer old, Tokenizer now) {
    return pairs.stream()
        .filter(pair ->
            old.encode(pair.target()).size() <= DemoBase.MAX_TARGET
                && now.encode(pair.target()).size() <= DemoBase.MAX_TARGET)
        .toList();
  }

  private boolean switched(
      TextToText old,
      Tokenizer now,
      RowInit init,
      boolean copies,
      Data data,
      List<SwitchTable.Row> rows) {
    RowPlan plan = RowPlan.of(old.tokenizer(), now, init, copies, size.seed());
    String name = copies ? init.toString() : "all rows " + init;
    show.phase(
        String.format(
            Locale.ROOT,
            "%s: %,d rows copied, %,d of parts, %,d new",
            name,
            plan.copied(),
            plan.averaged(),
            plan.fresh()));
    try (TextToText model = VocabularySwitch.apply(old, now, plan)) {
      return train(name, model, data, rows, Optional.of(plan));
    }
  }

  private SwitchTable.Row untrained(TextToText model, Data data) {
    double loss = lossPerByte(model, data);
    return row("old tokenizer, as it was", model, data, Optional.empty(), loss, loss, loss);
  }

  private boolean train(
      String name,
      TextToText model,
      Data data,
      List<SwitchTable.Row> rows,
      Optional<RowPlan> plan) {
    double first = lossPerByte(model, data);
    var freezing =
        new Freezing(
            List.of("*"),
            new TreeMap<>(Map.of(0L, List.of("shared.weight"), frozen(), List.of("*"))));
    TrainingPlan steps =
        DemoBase.plan(model.model(), size.steps(), frozen(), size.seed(), PEAK, freezing);
    var loop =
        new TrainingLoop(
            new T5Learner(model),
            steps,
            Examples.of(data.learned),
            Examples.of(data.validation),
            RunFolders.in(folder(name)),
            watching,
            stop);
    TrainingResult trained = loop.run(false);
    if (trained.stopped()) {
      return false;
    }
    double thawed =
        trained.validation().stream()
            .filter(one -> one.step() == frozen())
            .mapToDouble(one -> PerByte.loss(one.loss(), data.validation, data.validated))
            .findFirst()
            .orElse(Double.NaN);
    rows.add(row(name, model, data, plan, first, thawed, lossPerByte(model, data)));
    return true;
  }

  private SwitchTable.Row row(
      String name,
      TextToText model,
      Data data,
      Optional<RowPlan> plan,
      double first,
      double thawed,
      double last) {
    NameScores scores =
        NameScores.of(data.asked.stream().map(TextPair::target).toList(), ask(model, data.asked));
    return new SwitchTable.Row(name, plan, data.tokensPerByte, first, thawed, last, scores.f1());
  }

  /// Characters of names per second, before and after: the best of some rounds, in turns, since a machine's speed changes.
  private SwitchTable.Speeds speeds(TextToText old, List<TextPair> asked) {
    show.phase("Generating in turns");
    try (TextToText after =
        TextToText.load(folder(RowInit.FVT.toString()).resolve("best"), device)) {
      double[] best = new double[2];
      for (int round = 0; round <= ROUNDS; round++) {
        for (int which = 0; which < 2; which++) {
          long begin = System.nanoTime();
          List<String> answers = ask(which == 0 ? old : after, asked);
          double seconds = (System.nanoTime() - begin) / 1e9;
          double speed = answers.stream().mapToInt(String::length).sum() / seconds;
          // the first round is the compiler's
          best[which] = round == 0 ? 0 : Math.max(best[which], speed);
        }
      }
      return new SwitchTable.Speeds(best[0], best[1]);
    }
  }

  private Path folder(String name) {
    return out.resolve(name.replaceAll("[ ,]+", "-"));
  }

  private static List<String> ask(TextToText model, List<TextPair> asked) {
    return MethodNamer.ofTags(model).name(asked.stream().map(TextPair::source).toList(), _ -> {});
  }

  private double lossPerByte(TextToText model, Data data) {
    return PerByte.loss(model, data.validation, data.validated, ROWS, device);
  }
}
