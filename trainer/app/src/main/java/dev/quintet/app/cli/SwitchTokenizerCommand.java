package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoBase;
import dev.quintet.app.demo.DemoFolderException;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.app.vocabulary.SwitchExample;
import dev.quintet.app.vocabulary.SwitchTable;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.adapt.vocabulary.RowInit;
import dev.quintet.models.adapt.vocabulary.RowPlan;
import dev.quintet.models.adapt.vocabulary.VocabularySwitch;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.Measures;
import dev.quintet.tokenizers.compare.TokenizerComparison;
import dev.quintet.trainer.loop.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `switch-tokenizer`: a trained model gets another tokenizer.
@Command(
    name = "switch-tokenizer",
    description = {
      "Gives a trained model another tokenizer: the rows of its embedding, and of a head of its own, are made of the old"
          + " ones, everything else stays. The result wants fine-tuning.",
      "With --example the demo's model changes its tokenizer in several ways and learns again: about three minutes"
          + " on two free processors, and two more for a small model where there is no demo; without network."
    },
    footer = {
      "",
      "  quintet switch-tokenizer t5-small java.json t5-small-java --text src/Main.java",
      "  quintet switch-tokenizer --example"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class SwitchTokenizerCommand implements Callable<Integer> {
  private static final String OUT = "quintet-switch";
  private static final long BASE_STEPS = 3_000;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..3",
      paramLabel = "MODEL TOKENIZER OUT",
      description = {
        "The model folder, or the name of a model that `pull` fetched;",
        "the new tokenizer, as `tokenize` takes it;",
        "the folder to write, in which nothing may be. With --example the last alone, by default "
            + OUT
            + "."
      })
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--init",
      paramLabel = "fvt|mean|nearest|random|zero",
      description =
          "What a token that only the new tokenizer has begins as: the mean of the rows of the tokens that the old one"
              + " cuts it into (fvt), the mean of all, the longest of those tokens (nearest), random or zero."
              + " Default: fvt.")
  private Optional<String> init = Optional.empty();

  @Option(
      names = "--no-copies",
      description =
          "Begin so with tokens that both have, too; only special tokens keep their rows.")
  private boolean noCopies;

  @Option(names = "--seed", paramLabel = "N", description = "Of random rows. Default: 0.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--text",
      paramLabel = "PATH",
      description =
          "A file, a folder or - on which to say how many tokens per byte are to be expected; may be given several times.")
  private List<Path> texts = new ArrayList<>();

  @Option(names = "--example", description = "Try it on the demo's model.")
  private boolean example;

  @Option(
      names = "--demo",
      paramLabel = "DIR",
      description =
          "With --example: the demo's folder. Default: "
              + DemoCommand.OUT
              + "; where that is not there, a small model is trained first.")
  private Optional<Path> demo = Optional.empty();

  @Option(
      names = "--sources",
      paramLabel = "PATH",
      description =
          "With --example: folder, zip or jar of Java sources for that small model. Default: those of this JDK.")
  private Optional<Path> sources = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "With --example: steps of each training, at least 3. Default: 900.")
  private Optional<Long> steps = Optional.empty();

  @Mixin private Compute compute;

  @Mixin private NamedModel places;

  /// Made by picocli.
  SwitchTokenizerCommand() {}

  @Override
  public Integer call() throws IOException {
    refuseMixed();
    Device device = compute.device();
    return example ? example(device) : switchOne(device);
  }

  private void refuseMixed() {
    if (example) {
      if (names.size() > 1 || init.isPresent() || noCopies || !texts.isEmpty()) {
        throw refused(
            "--example takes the demo's model, a tokenizer of its own and every init: give it OUT alone");
      }
      if (steps.orElse(3L) < 3) {
        throw refused("--steps is at least 3, not " + steps.orElseThrow());
      }
      return;
    }
    if (names.size() != 3) {
      throw refused(
          "expected MODEL TOKENIZER OUT, got "
              + (names.isEmpty() ? "nothing" : String.join(" ", names))
              + "; or --example, which needs none");
    }
    if (demo.isPresent() || sources.isPresent() || steps.isPresent()) {
      throw refused("--demo, --sources and --steps belong to --example");
    }
  }

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private int switchOne(Device device) {
    Path out = NewFolder.of(names.get(2));
    RowInit start = init.map(SwitchTokenizerCommand::init).orElse(RowInit.FVT);
    Path model = places.find(names.get(0));
    Tokenizer now = Tokenizer.loadT5(places.find(names.get(1)));
    PrintWriter results = spec.commandLine().getOut();
    LoadOptions wide = LoadOptions.DEFAULT.withDevice(device).withPrecision(Precision.F32);
    try (TextToText old = TextToText.load(model, wide)) {
      RowPlan plan = RowPlan.of(old.tokenizer(), now, start, !noCopies, seed.orElse(0L));
      try (TextToText made = VocabularySwitch.apply(old, now, plan)) {
        Optional<String> expected = expected(old.tokenizer(), now);
        AtomicDirectory.write(out, made::save);
        results.printf("%s%n", report(plan, made.model().config().vocabSize()));
        expected.ifPresent(results::println);
      }
    }
    results.printf(
        "%s has the new tokenizer; it wants fine-tuning, such as train with \"model\": \"%s\"%n",
        out, out);
    results.flush();
    return 0;
  }

  private static RowInit init(String name) {
    try {
      return RowInit.of(name.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--init: " + e.getMessage(), e);
    }
  }

  private static String report(RowPlan plan, int rows) {
    String made = plan.init() == RowInit.NEAREST ? "copies of the nearest" : "averaged";
    String report =
        String.format(
            Locale.ROOT,
            "%,d rows: %,d copied, %,d %s, %,d new%s; %,d more round them up to a multiple of 128",
            plan.map().newSize(),
            plan.copied(),
            plan.averaged(),
            made,
            plan.fresh(),
            plan.fresh() == 0
                ? ""
                : switch (plan.init()) {
                  case FVT, MEAN, NEAREST -> " (the mean of all)";
                  case RANDOM -> " (random)";
                  case ZERO -> " (zeros)";
                },
            rows - plan.map().newSize());
    return plan.unknown() == 0
        ? report
        : report
            + String.format(
                Locale.ROOT,
                "%n%,d tokens hold what the old tokenizer does not know: the row of its unknown token stands for that",
                plan.unknown());
  }

  /// What to expect of the new tokenizer on given texts.
  private Optional<String> expected(Tokenizer old, Tokenizer now) {
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    var both = new LinkedHashMap<String, Tokenizer>(Map.of("old", old));
    both.put("new", now);
    try (var comparison = TokenizerComparison.of(both, "old", compute.threads())) {
      String passedOver = SampleFiles.read(texts, SampleFiles.Unit.FILE, comparison::add);
      if (!passedOver.isEmpty()) {
        spec.commandLine().getErr().println(passedOver);
      }
      Measures before = Objects.requireNonNull(comparison.measures().get("old"));
      Measures after = Objects.requireNonNull(comparison.measures().get("new"));
      if (before.bytes() == 0) {
        throw new IllegalArgumentException("there is no text in " + texts);
      }
      return Optional.of(
          String.format(
              Locale.ROOT,
              "on %,d bytes of text: %.4f tokens per byte, with the old tokenizer %.4f (%.2f times as many);"
                  + " unknown %.3f%%, before %.3f%%; texts that do not come back %,d of %,d, before %,d",
              before.bytes(),
              perByte(after),
              perByte(before),
              perByte(after) / perByte(before),
              100 * after.unknownRate(),
              100 * before.unknownRate(),
              after.lossyTexts(),
              after.texts(),
              before.lossyTexts()));
    }
  }

  private static double perByte(Measures measures) {
    return (double) measures.tokens() / measures.bytes();
  }

  // ---- the example ----

  private int example(Device device) throws IOException {
    Path out = NewFolder.of(names.isEmpty() ? OUT : names.getFirst());
    try (var interruption = new Interruption()) {
      var console = new DemoConsole(spec.commandLine().getOut(), interruption);
      List<TrainingListener> watching = List.of(interruption, new StepProgress(console));
      Optional<DemoBase> base = base(out, device, console, watching, interruption);
      Optional<SwitchTable> table =
          base.flatMap(found ->
              new SwitchExample(found, size(), out, device, console, watching, interruption).run());
      if (table.isEmpty()) {
        return Interruption.EXIT_CODE;
      }
      String text = table.get().text();
      AtomicFile.write(out.resolve("table.txt"), text);
      console.result(text);
      console.result("The models are in " + out + ", such as " + out.resolve("fvt/best"));
    }
    return 0;
  }

  private SwitchExample.Size size() {
    return steps.map(SwitchExample.Size.DEFAULT::withSteps).orElse(SwitchExample.Size.DEFAULT);
  }

  private Optional<DemoBase> base(
      Path out,
      Device device,
      DemoConsole console,
      List<TrainingListener> watching,
      Interruption interruption)
      throws IOException {
    Path folder = demo.orElse(Path.of(DemoCommand.OUT));
    Optional<DemoBase> found = DemoBase.in(folder);
    if (found.isPresent()) {
      console.note("the model is that of the demo in " + folder);
      return found;
    }
    if (demo.isPresent()) {
      throw new DemoFolderException(
          folder
              + " holds no demo whose model is trained: run demo --out "
              + folder
              + " (with --resume if it was interrupted), or leave --demo out");
    }
    console.note(
        "there is no trained demo in "
            + folder
            + ", so a small model of its kind is trained first");
    try (SourceTree tree = DemoBase.sources(sources, console::note)) {
      return DemoBase.make(
          tree, out.resolve("base"), BASE_STEPS, 0, device, console, watching, interruption);
    }
  }
}
