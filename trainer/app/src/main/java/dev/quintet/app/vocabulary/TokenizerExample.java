package dev.quintet.app.vocabulary;

import dev.quintet.app.demo.DemoBase;
import dev.quintet.app.demo.DemoListener;
import dev.quintet.app.demo.MethodCode;
import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodParser;
import dev.quintet.app.demo.MethodSplit;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.dual.DualTokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.evaluate.GeneratedAnswers;
import dev.quintet.trainer.evaluate.Reply;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.metric.NameScores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;

/// One small model learns prose and code with four tokenizers of the same size, for equal steps: one trained on prose,
/// one on code, one on both, and a pair that prose and code are sent to.
///
/// There are two tasks in each model: to say what a method does, in the first sentence of its Javadoc, from its code; and to
/// declare it, in code, from that sentence. Code stands between fences, by which the pair knows it.
///
/// @param size of everything
/// @param out the trained models go there, each into a folder of its own
/// @param device where tensors lie
/// @param show shows it to somebody
/// @param watching told of each step
/// @param stop asked after each step
public record TokenizerExample(
    Size size,
    Path out,
    Device device,
    DemoListener show,
    List<TrainingListener> watching,
    BooleanSupplier stop) {
  /// How large everything is.
  ///
  /// @param vocabulary ids of each tokenizer, and of the pair together
  /// @param methods to learn from, at most
  /// @param steps of each training
  /// @param validated methods whose loss is measured, and on which tokens are counted
  /// @param asked methods that the models answer about
  /// @param seed of everything random
  public record Size(int vocabulary, int methods, long steps, int validated, int asked, long seed) {
    /// A few minutes on two processors.
    public static final Size DEFAULT = new Size(4096, 20_000, 1_200, 1_000, 200, 0);

    /// The same with another number of steps.
    public Size withSteps(long count) {
      return new Size(vocabulary, methods, count, validated, asked, seed);
    }
  }

  private static final int MAX_SOURCE = 96;
  private static final int MAX_TARGET = 48;
  private static final int ROWS = 32;
  private static final int FEWEST_WORDS = 3;

  /// Copies the list.
  public TokenizerExample {
    watching = List.copyOf(watching);
  }

  /// A method's sentence and code.
  private record Both(String sentence, MethodCode code) {
    String fenced() {
      return fence(code.whole());
    }

    TextPair describe() {
      return new TextPair("Describe:\n" + fenced(), sentence);
    }

    TextPair declare() {
      return new TextPair("Declare: " + sentence, fence(code.signature()));
    }

    private static String fence(String code) {
      return "```java\n" + code + "\n```";
    }
  }

  /// Trains and measures.
  ///
  /// @param sources of the methods
  /// @return the table; nothing if it was stopped
  /// @throws IOException if the sources cannot be read
  /// @throws dev.quintet.app.demo.TooFewMethodsException if the sources do not hold enough methods with comments
  public Optional<TokenizerTable> run(SourceTree sources) throws IOException {
    show.phase("Reading methods and their comments from Java sources");
    show.note("sources: " + sources.description());
    List<MethodExample> commented =
        MethodParser.parse(sources, CpuBackend.threads(), show::progress).methods().stream()
            .filter(method -> method.summary().split(" ").length >= FEWEST_WORDS)
            .toList();
    MethodSplit split = MethodSplit.of(commented, size.seed());
    List<Both> learned = both(split.train(), size.methods(), sources);
    List<Both> validated = both(split.validation(), size.validated(), sources);
    List<Both> asked = both(split.test(), size.asked(), sources);
    show.phase("Training tokenizers");
    SequencedMap<String, Tokenizer> tokenizers = tokenizers(learned);
    var rows = new ArrayList<TokenizerTable.Row>();
    List<Both> whole = whole(validated, tokenizers);
    show.note(
        String.format(
            Locale.ROOT,
            "%,d methods to learn from; loss is measured on %,d, without %,d whose answers have more than %d tokens with"
                + " one of the tokenizers",
            learned.size(),
            whole.size(),
            validated.size() - whole.size(),
            MAX_TARGET));
    for (Map.Entry<String, Tokenizer> entry : tokenizers.entrySet()) {
      show.phase("Learning with the tokenizer of " + entry.getKey());
      try (TextToText model = DemoBase.small(entry.getValue(), size.seed(), device)) {
        if (!train(entry.getKey(), model, learned)) {
          return Optional.empty();
        }
        rows.add(row(entry.getKey(), model, whole, asked));
      }
    }
    return Optional.of(new TokenizerTable(rows, size.steps()));
  }

  private List<Both> both(List<MethodExample> methods, int most, SourceTree sources)
      throws IOException {
    var both = new ArrayList<Both>();
    String path = "";
    String text = "";
    for (MethodExample method : DemoBase.sample(methods, most, size.seed())) {
      if (!method.file().equals(path)) {
        path = method.file();
        text = sources.text(path);
      }
      MethodCode.at(text, method.line())
          .ifPresent(code -> both.add(new Both(method.summary(), code)));
    }
    return both;
  }

  private SequencedMap<String, Tokenizer> tokenizers(List<Both> learned) {
    List<String> prose = learned.stream().map(Both::sentence).toList();
    List<String> code = learned.stream().map(one -> one.code().whole()).toList();
    var mixed = new ArrayList<>(prose);
    mixed.addAll(code);
    var tokenizers = new LinkedHashMap<String, Tokenizer>();
    ByteBpeTrainer trainer = ByteBpeTrainer.of(size.vocabulary());
    ByteBpeTrainer half = ByteBpeTrainer.of(size.vocabulary() / 2);
    tokenizers.put("prose", Tokenizer.of(trainer.train(prose)));
    tokenizers.put("code", Tokenizer.of(trainer.train(code)));
    tokenizers.put("both", Tokenizer.of(trainer.train(mixed)));
    tokenizers.put(
        "routed pair",
        DualTokenizer.of(
            Tokenizer.of(half.train(prose)),
            Tokenizer.of(half.withSpecialTokens(List.of()).train(code))));
    return tokenizers;
  }

  /// Those whose answers are cut with no tokenizer: the loss of others is of other bytes.
  private static List<Both> whole(List<Both> some, SequencedMap<String, Tokenizer> tokenizers) {
    return some.stream()
        .filter(one ->
            tokenizers.values().stream()
                .allMatch(
                    tokenizer -> fits(tokenizer, one.describe()) && fits(tokenizer, one.declare())))
        .toList();
  }

  private static boolean fits(Tokenizer tokenizer, TextPair pair) {
    return tokenizer.encodeToIds(pair.target(), true).length <= MAX_TARGET;
  }

  private static List<Example> encode(List<TextPair> pairs, Tokenizer tokenizer) {
    return Pairs.of(pairs).encode(tokenizer, MAX_SOURCE, MAX_TARGET, CpuBackend.threads());
  }

  private boolean train(String name, TextToText model, List<Both> learned) {
    var pairs = new ArrayList<TextPair>();
    for (Both one : learned) {
      pairs.add(one.describe());
      pairs.add(one.declare());
    }
    var loop =
        new TrainingLoop(
            new T5Learner(model),
            DemoBase.plan(model.model(), size.steps(), size.seed()),
            Examples.of(encode(pairs, model.tokenizer())),
            Examples.of(List.of()),
            RunFolders.in(out.resolve(name.replace(' ', '-'))),
            watching,
            stop);
    return !loop.run(false).stopped();
  }

  private TokenizerTable.Row row(
      String name, TextToText model, List<Both> validated, List<Both> asked) {
    Tokenizer tokenizer = model.tokenizer();
    List<TextPair> describe = validated.stream().map(Both::describe).toList();
    List<TextPair> declare = validated.stream().map(Both::declare).toList();
    var answers = answers(model);
    return new TokenizerTable.Row(
        name,
        tokenizer.vocabularySize(),
        PerByte.tokens(tokenizer, validated.stream().map(Both::sentence).toList()),
        PerByte.tokens(tokenizer, validated.stream().map(Both::fenced).toList()),
        new TokenizerTable.Task(
            lossPerByte(model, describe), f1(answers, asked.stream().map(Both::describe).toList())),
        new TokenizerTable.Task(
            lossPerByte(model, declare), f1(answers, asked.stream().map(Both::declare).toList())));
  }

  private static GeneratedAnswers answers(TextToText model) {
    return new GeneratedAnswers(
        model, model.generation().withMaxNewTokens(MAX_TARGET), MAX_SOURCE, ROWS);
  }

  private static double f1(GeneratedAnswers model, List<TextPair> asked) {
    List<Reply> replies = model.answer(asked.stream().map(TextPair::source).toList());
    return NameScores.of(
            asked.stream().map(pair -> words(pair.target())).toList(),
            replies.stream().map(reply -> words(reply.text())).toList())
        .f1();
  }

  /// Letters and digits between single spaces, as words are counted.
  private static String words(String text) {
    return text.replaceAll("[^\\p{L}\\p{N}]+", " ").strip().toLowerCase(Locale.ROOT);
  }

  private double lossPerByte(TextToText model, List<TextPair> pairs) {
    return PerByte.loss(model, encode(pairs, model.tokenizer()), pairs, ROWS, device);
  }
}
